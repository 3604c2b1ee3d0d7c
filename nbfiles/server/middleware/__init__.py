"""What every request passes before its route: who may ask, how much, how often, and for how long."""

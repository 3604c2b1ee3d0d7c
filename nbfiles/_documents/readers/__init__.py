"""The readers of foreign bytes. They run in the limited child only (`reader_pool`); the kernel imports none of them."""

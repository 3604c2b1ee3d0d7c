"""The built-in profile of 100,000 rows, in the formats that tables come in; its time is in the benchmarks."""

import io

import numpy as np
import pandas as pd
import pytest

from tests.server.official import CODE, data, text

ROWS = 100_000


def trips(rows):
    """Return taxi trips: a moment, a town, passengers, distance, fare (some missing) and a driver."""
    chance = np.random.default_rng(6)
    distance = chance.lognormal(1.2, 0.7, rows)
    fare = 3.5 + 1.9 * distance + chance.normal(0, 1.2, rows)
    fare[chance.random(rows) < 0.03] = np.nan
    return pd.DataFrame(
        {
            "trip_id": np.arange(rows),
            "pickup_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.linspace(0, 700, rows), "D").round("s"),
            "town": chance.choice(["Aachen", "Bonn", "Celle"], rows),
            "passengers": chance.integers(1, 7, rows),
            "distance_km": distance.round(2),
            "fare_eur": fare.round(2),
            "driver": [f"driver-{n}" for n in chance.integers(0, 900, rows)],
        }
    )


def as_bytes(frame, kind):
    target = io.BytesIO()
    match kind:
        case "csv":
            frame.to_csv(target, index=False)
        case "parquet":
            frame.to_parquet(target)
        case "jsonl":
            frame.to_json(target, orient="records", lines=True, date_format="iso")
        case "json":
            frame.to_json(target, orient="records", date_format="iso")
        case "xlsx":
            frame.to_excel(target, index=False)
    return target.getvalue()


@pytest.mark.parametrize(
    ("kind", "rows"), [("csv", ROWS), ("parquet", ROWS), ("jsonl", 2_000), ("json", 2_000), ("xlsx", 2_000)]
)
def test_a_big_table_is_described_and_drawn(ask, client, upload, kind, rows):
    sent = upload(f"trips.{kind}", "application/octet-stream", as_bytes(trips(rows), kind)).id
    message = ask(data(sent), text("What is in here?"), tools=[CODE])
    result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
    assert (result.return_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{rows:,} rows, 7 columns")
    missing = trips(rows)["fare_eur"].isna().sum()
    columns = result.stdout.split("\n\n")[1].splitlines()[1:]
    lines = {line.split()[0]: line.split()[1:] for line in columns}
    assert lines["fare_eur"][:2] == ["float64", str(missing)]
    assert lines["pickup_at"][0].startswith("datetime64")
    names = {client.files.retrieve_metadata(out.file_id).filename for out in result.content}
    assert {"fare_over_time.png", "fare_against_distance.png", "trips_summary.csv"} <= names
    assert 2 <= sum(name.endswith(".png") for name in names) <= 4
    assert "Distance and fare are strongly correlated (r = 0.9" in message.content[-1].text


@pytest.mark.parametrize(
    ("name", "content", "charts"),
    [
        ("n.csv", "n\n" + "".join(f"{k * k % 97}.5\n" for k in range(50)), 2),
        ("words.csv", "word\n" + "".join(f"{'abcdefghijklmnop'[k * k % 16]}\n" for k in range(50)), 1),
        ("ids.csv", "name\n" + "".join(f"person {k}\n" for k in range(50)), 0),
    ],
)
def test_a_narrow_table_gets_the_charts_that_it_bears(ask, client, upload, name, content, charts):
    message = ask(data(upload(name, "text/csv", content.encode()).id), text("What is here?"), tools=[CODE])
    result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
    names = [client.files.retrieve_metadata(out.file_id).filename for out in result.content]
    assert (result.return_code, sum(one.endswith(".png") for one in names)) == (0, charts)


def test_moments_with_a_time_zone_are_drawn(ask, upload):
    moments = pd.date_range("2026-01-01", periods=3000, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"at": moments, "load": np.sin(np.arange(3000) / 50)})
    message = ask(data(upload("load.parquet", "x/y", as_bytes(frame, "parquet")).id), text("?"), tools=[CODE])
    result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
    assert (result.return_code, result.stderr) == (0, "")
    assert "Mean load goes from" in message.content[-1].text


def test_a_table_of_very_many_columns_is_told_and_not_read(ask, upload):
    header = ",".join(f"c{number}" for number in range(200_000))
    file = upload("wide.csv", "text/csv", f"{header}\n{'1,' * 199_999}1\n".encode())
    words = ask(data(file.id), text("What is in it?"), tools=[CODE]).content[-1].text
    assert "200,000 columns, more than the 2,000" in words

"""Writes the files of this folder anew, with what other programs make of the same 300 rows: python write.py

pip install duckdb==2.0.0 polars==2.1.0 pyarrow==26.0.1
Rows have texts from 0 to 40 bytes, blanks around and within, characters of several bytes, and nulls alone and in runs.
"""

import datetime
import decimal
import pathlib
import random

import duckdb
import polars
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
draw = random.Random(7)


def rows(n):
    some = ["", " ", "a", "no.0", "12.0x", "eight by", " led", "trail ", "two words", "sixteen letters!", "seventeen letters", "a text of more than forty bytes, all plain", "名古屋", "Zürich", "\t", "　wide　"]
    for i in range(n):
        gone = lambda k: 100 <= i < 160 or draw.randrange(k) == 0
        yield {
            "invoice_id": f"INV-{i:0{draw.choice((3, 5, 9, 14))}d}",
            "customer_id": f"C{draw.randrange(40):04d}",
            "note": None if gone(5) else draw.choice(some),
            "city": None if gone(9) else draw.choice(some) + str(draw.randrange(10**6)),
            "issued": datetime.date(2024, 1, 1) + datetime.timedelta(draw.randrange(60)),
            "due": None if gone(3) else datetime.date(2024, 2, 1) + datetime.timedelta(draw.randrange(400)),
            "amount": decimal.Decimal(draw.randrange(10**7)) / 100,
            "open": None if gone(4) else decimal.Decimal(draw.randrange(500) * 10) / 100,
            "part": None if gone(2) else draw.randrange(12),
            "share": None if gone(6) else draw.randrange(64) / 64,
            "paid": None if gone(6) else draw.random() < 0.5,
        }


schema = pa.schema([("invoice_id", pa.string()), ("customer_id", pa.string()), ("note", pa.string()), ("city", pa.string()), ("issued", pa.date32()), ("due", pa.date32()),
                    ("amount", pa.decimal128(14, 2)), ("open", pa.decimal128(14, 2)), ("part", pa.int32()), ("share", pa.float64()), ("paid", pa.bool_())])
table = pa.Table.from_pylist(list(rows(300)), schema)
pyarrow.csv.write_csv(table, HERE / "rows.csv")
for version in ("1.0", "2.0"):
    pq.write_table(table, HERE / f"pyarrow-v{version[0]}.parquet", data_page_version=version, data_page_size=1500, row_group_size=200, compression="zstd", store_decimal_as_integer=True)
pq.write_table(table, HERE / "pyarrow-plain.parquet", use_dictionary=False, data_page_size=1500, compression="snappy", write_page_checksum=True)
encodings = {name: "DELTA_BYTE_ARRAY" for name in ("invoice_id", "note")} | {name: "DELTA_LENGTH_BYTE_ARRAY" for name in ("customer_id", "city")}
encodings |= {"issued": "DELTA_BINARY_PACKED", "due": "DELTA_BINARY_PACKED", "amount": "BYTE_STREAM_SPLIT", "part": "DELTA_BINARY_PACKED", "share": "BYTE_STREAM_SPLIT", "paid": "RLE"}
pq.write_table(table, HERE / "pyarrow-delta.parquet", use_dictionary=False, column_encoding=encodings, data_page_version="2.0", data_page_size=1500, compression="gzip")
pq.write_table(table, HERE / "pyarrow-mixed.parquet", dictionary_pagesize_limit=300, data_page_size=500, write_batch_size=20, compression="brotli")
pq.write_table(table, HERE / "pyarrow-lz4.parquet", data_page_version="2.0", data_page_size=1500, row_group_size=200, compression="lz4")
polars.from_arrow(table).write_parquet(HERE / "polars.parquet", compression="zstd", data_page_size=1500)
with duckdb.connect() as con:
    con.register("rows_of_table", table)
    for version in ("v1", "v2"):
        con.execute(f"COPY (FROM rows_of_table) TO '{HERE}/duckdb-{version}.parquet' (FORMAT parquet, COMPRESSION {'zstd' if version == 'v1' else 'uncompressed'}, PARQUET_VERSION {version})")

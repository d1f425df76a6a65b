"""A further kind of record is added from outside: nothing under `src` knows of products."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crossdock.compare.engine import CompareEngine
from crossdock.compare.export import export_group
from crossdock.compare.kinds import Column, CompareKind, ExportColumn, RowContext
from crossdock.domain.difference import Group, Link
from crossdock.domain.kinds import RecordKind
from tests.memory_source import compare_records

MATCH = """
create temp table pairs as
select s.seq as source_seq, d.seq as destination_seq, s.id as source_id, d.id as destination_id, 'link' as matched_by
from links as l join source_rows as s on s.id = l.source_id join destination_rows as d on d.id = l.destination_id;
insert into pairs
select s.seq, d.seq, s.id, d.id, 'sku'
from source_rows as s anti join pairs as p on p.source_seq = s.seq
join (select d.* from destination_rows as d anti join pairs as p on p.destination_seq = d.seq) as d using (sku_key);
"""

LISTS = """
create temp view matches as select source_id, destination_id, matched_by, []::varchar[] as warnings from pairs;
create temp view only_in_source as
select s.id as source_id, s.title as label, s.sku_key, s.title
from source_rows as s anti join pairs as p on p.source_seq = s.seq;
create temp table counts as
with figures as (
    select
        (select count(*) from source_rows) as source,
        (select count(*) from destination_rows) as destination,
        (select count(*) from pairs) as matched
)
select
    source as source_read, 0 as source_filtered, source, destination, matched,
    source - matched as only_in_source, destination - matched as only_in_destination,
    0 as duplicates, 0 as unmatchable, 0 as destination_duplicates, 0 as destination_unmatchable
from figures;
"""


@dataclass(frozen=True)
class Product:
    id: str
    sku: str
    title: str


def _row(product: Product, _: RowContext) -> Mapping[str, object]:
    return {"id": product.id, "sku_key": product.sku.lower(), "title": product.title}


def _products(sql: Path) -> CompareKind:
    (sql / "match.sql").write_text(MATCH, encoding="utf-8")
    (sql / "lists.sql").write_text(LISTS, encoding="utf-8")
    return CompareKind(
        record=RecordKind("product", "products"),
        columns=(Column("id"), Column("sku_key"), Column("title")),
        row=_row,
        sql=sql,
        steps=("match.sql", "lists.sql"),
        groups=(Group.ONLY_IN_SOURCE,),
        sorts={"sku": "sku_key"},
        searched=("title",),
        fold_search=str,
        exports={Group.ONLY_IN_SOURCE: (ExportColumn("SKU", "sku_key"), ExportColumn("Title", "title"))},
    )


async def test_products_are_compared_end_to_end(tmp_path: Path) -> None:
    kind = _products(tmp_path)
    engine = CompareEngine(tmp_path / "work")
    source = [Product("1", "A-1", "Anvil"), Product("2", "B-2", "Bolt"), Product("3", "C-3", "Clamp")]
    destination = [Product("x", "a-1", "Anvil"), Product("y", "Z-9", "Bolt, renamed")]

    differences = await compare_records(
        engine, tmp_path / "work" / "run", kind, source, destination, links=[Link("2", "y")]
    )

    counts = differences.summary.counts
    assert counts.add_up()
    assert (counts.matched, counts.only_in_source, counts.matched_by) == (2, 1, {"link": 1, "sku": 1})
    rows, total = differences.page(Group.ONLY_IN_SOURCE, search="Cla")
    assert ([row["source_id"] for row in rows], total) == (["3"], 1)
    assert list(differences.selected()) == [[("3", "Clamp")]]
    assert b"".join(export_group(differences, Group.ONLY_IN_SOURCE)) == b"SKU,Title\r\nc-3,Clamp\r\n"
    engine.close()

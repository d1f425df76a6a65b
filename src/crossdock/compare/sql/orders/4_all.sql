-- All orders that are free: what the surest rule looks at, which pairs most of them.

create temp view source_candidates as from source_free;

create temp view destination_candidates as from destination_free;

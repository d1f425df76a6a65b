-- Pairs the crowd of a rule that does not ask for time.

insert into pairs from pairs_in_order(), verdict;

-- Pairs the crowd of a rule that asks for time, the nearest first: equal times, then up to two hours apart (an hour is
-- what daylight-saving time shifts), then as far apart as the rule allows. Afterwards no two records are left that the
-- rule could pair. Where only equal times are near, the halves are of no length and pair nothing.

insert into pairs from pairs_of_one_moment(), verdict;

set variable near = least(7200, getvariable('reach'));
set variable half = getvariable('near') // 2;
insert into pairs from pairs_of_whole_keys(getvariable('near')), verdict;
insert into pairs from pairs_of_cells(getvariable('half'), 0), verdict;
insert into pairs from pairs_of_cells(getvariable('half'), getvariable('half')), verdict;
insert into pairs from pairs_across_a_half(getvariable('half'), 0), verdict;
insert into pairs from pairs_across_a_half(getvariable('half'), 2), verdict;

set variable near = getvariable('reach');
set variable half = getvariable('near') // 2;
insert into pairs from pairs_of_whole_keys(getvariable('near')), verdict;
insert into pairs from pairs_of_cells(getvariable('half'), 0), verdict;
insert into pairs from pairs_of_cells(getvariable('half'), getvariable('half')), verdict;
insert into pairs from pairs_across_a_half(getvariable('half'), 0), verdict;
insert into pairs from pairs_across_a_half(getvariable('half'), 2), verdict;

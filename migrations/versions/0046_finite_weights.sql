-- NaN sorts above every number: it is above 0, and least(NaN, 100) is 100. One violated invariant
-- of weight NaN gave a drift score of 100, whatever else was violated. A weight of 1000 already
-- takes all points of the score, so a larger one means the same.
update plumb.invariants
set weight = case when weight = 'NaN' then 1 else 1000 end
where weight > 1000;
alter table plumb.invariants
drop constraint invariants_weight_check,
add constraint invariants_weight_check check (weight > 0 and weight <= 1000);

update plumb.drift_weights
set
    first_penalty = case when first_penalty = 'NaN' then 100 else least(first_penalty, 100) end,
    growth_penalty = case when growth_penalty = 'NaN' then 100 else least(growth_penalty, 100) end,
    max_penalty = 100
where first_penalty > 100 or growth_penalty > 100 or max_penalty > 100;
alter table plumb.drift_weights
add constraint drift_weights_penalties_check check (growth_penalty <= 100 and max_penalty <= 100);

-- The codes of stages are spelled as all others are.
UPDATE "stage_run" SET "outcome" = 'time_limit' WHERE "outcome" = 'time-limit';
UPDATE "stage_run" SET "outcome" = 'out_of_memory' WHERE "outcome" = 'memory-limit';

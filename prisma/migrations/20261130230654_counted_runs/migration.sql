-- Workers go on meanwhile. From here on none of them changes a run until the counts are kept, and who is in the middle of it is waited for:
-- of a change that was committed between counting and the triggers nothing would ever be counted. First the sweeps, as everybody locks
-- them, in a mode that also waits for their row locks: whoever holds one writes to both tables.
LOCK TABLE sweeps IN EXCLUSIVE MODE;
LOCK TABLE runs IN SHARE ROW EXCLUSIVE MODE;

-- CreateTable
CREATE TABLE "sweep_counts" (
    "sweep_id" UUID NOT NULL,
    "status" "RunStatus" NOT NULL,
    "runs" INTEGER NOT NULL,

    CONSTRAINT "sweep_counts_pkey" PRIMARY KEY ("sweep_id","status")
);

-- AddForeignKey
ALTER TABLE "sweep_counts" ADD CONSTRAINT "sweep_counts_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweeps"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Before counts are kept: what there is.
INSERT INTO sweep_counts (sweep_id, status, runs)
SELECT sweep_id, status, count(*) FROM runs WHERE sweep_id IS NOT NULL AND purpose = 'study' GROUP BY sweep_id, status;

-- A status changes only while its sweep is locked, so that these rows are never waited for. Of most statements that change runs (a
-- lease, progress) nothing is left to write.
CREATE FUNCTION count_added_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sweep_counts AS c (sweep_id, status, runs)
  SELECT sweep_id, status, count(*) FROM added WHERE sweep_id IS NOT NULL AND purpose = 'study' GROUP BY sweep_id, status
  ON CONFLICT (sweep_id, status) DO UPDATE SET runs = c.runs + excluded.runs;
  RETURN NULL;
END $$;

CREATE FUNCTION count_changed_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sweep_counts AS c (sweep_id, status, runs)
  SELECT sweep_id, status, sum(change) FROM (
    SELECT sweep_id, status, 1 AS change FROM after_change WHERE sweep_id IS NOT NULL AND purpose = 'study'
    UNION ALL
    SELECT sweep_id, status, -1 FROM before_change WHERE sweep_id IS NOT NULL AND purpose = 'study'
  ) AS of GROUP BY sweep_id, status HAVING sum(change) <> 0
  ON CONFLICT (sweep_id, status) DO UPDATE SET runs = c.runs + excluded.runs;
  RETURN NULL;
END $$;

-- The counts of a sweep that is deleted go with it.
CREATE FUNCTION count_removed_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sweep_counts c SET runs = c.runs - of.runs
  FROM (SELECT sweep_id, status, count(*) AS runs FROM removed WHERE sweep_id IS NOT NULL AND purpose = 'study' GROUP BY sweep_id, status) AS of
  WHERE c.sweep_id = of.sweep_id AND c.status = of.status;
  RETURN NULL;
END $$;

CREATE TRIGGER runs_added AFTER INSERT ON runs REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION count_added_runs();
CREATE TRIGGER runs_changed AFTER UPDATE ON runs REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
FOR EACH STATEMENT EXECUTE FUNCTION count_changed_runs();
CREATE TRIGGER runs_removed AFTER DELETE ON runs REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION count_removed_runs();

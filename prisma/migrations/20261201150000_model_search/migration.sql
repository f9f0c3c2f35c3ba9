-- The engine of the migrations ends a statement at any semicolon, also within quotes: \x3b is one.

-- One row a model in `model_search`, kept by triggers in the transaction that changes the model, so that no way of writing can
-- forget it: what is searched, filtered and sorted by. `model_count`, `tag_model_count` and `tag_count` count models by what
-- filters ask for, so that nothing has to be counted when a page is shown. Changes of them are rows of `model_count_change`,
-- which are added up now and then: no transaction waits for a count. `search_word` has every word, for words that are
-- misspelt or begun.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

CREATE TABLE "model_search" (
  "modelId"   INTEGER NOT NULL,
  "name"      TEXT NOT NULL,
  "type"      TEXT NOT NULL,
  "base"      TEXT NOT NULL,
  "family"    TEXT,
  "verdict"   "FileState" NOT NULL,
  "unknown"   BOOLEAN NOT NULL,
  "published" BOOLEAN NOT NULL,
  "ownerId"   TEXT,
  "size"      BIGINT NOT NULL,
  "downloads" INTEGER NOT NULL,
  "createdAt" TIMESTAMPTZ NOT NULL,
  "updatedAt" TIMESTAMPTZ NOT NULL,
  "tagIds"    INTEGER[] NOT NULL,
  "words"     TSVECTOR NOT NULL,
  CONSTRAINT "model_search_pkey" PRIMARY KEY ("modelId"),
  CONSTRAINT "model_search_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "model_count" (
  "base"      TEXT NOT NULL,
  "type"      TEXT NOT NULL,
  "verdict"   "FileState" NOT NULL,
  "family"    TEXT NOT NULL,
  "unknown"   BOOLEAN NOT NULL,
  "published" BOOLEAN NOT NULL,
  "models"    INTEGER NOT NULL,
  CONSTRAINT "model_count_pkey" PRIMARY KEY ("base", "type", "verdict", "family", "unknown", "published")
);

CREATE TABLE "tag_model_count" (
  "tagId"     INTEGER NOT NULL,
  "base"      TEXT NOT NULL,
  "type"      TEXT NOT NULL,
  "verdict"   "FileState" NOT NULL,
  "family"    TEXT NOT NULL,
  "unknown"   BOOLEAN NOT NULL,
  "published" BOOLEAN NOT NULL,
  "models"    INTEGER NOT NULL,
  CONSTRAINT "tag_model_count_pkey" PRIMARY KEY ("tagId", "base", "type", "verdict", "family", "unknown", "published")
);

CREATE TABLE "model_count_change" (
  "id"        BIGSERIAL NOT NULL,
  "tagId"     INTEGER NOT NULL,
  "base"      TEXT NOT NULL,
  "type"      TEXT NOT NULL,
  "verdict"   "FileState" NOT NULL,
  "family"    TEXT NOT NULL,
  "unknown"   BOOLEAN NOT NULL,
  "published" BOOLEAN NOT NULL,
  "models"    INTEGER NOT NULL,
  CONSTRAINT "model_count_change_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "tag_count" (
  "tagId"     INTEGER NOT NULL,
  "published" BOOLEAN NOT NULL,
  "models"    INTEGER NOT NULL,
  CONSTRAINT "tag_count_pkey" PRIMARY KEY ("tagId", "published")
);

-- A word may be here twice: a unique index would let transactions wait for each other.
CREATE TABLE "search_word" (
  "id"   BIGSERIAL NOT NULL,
  "word" TEXT NOT NULL,
  CONSTRAINT "search_word_pkey" PRIMARY KEY ("id")
);

-- Lower case without accents.
CREATE FUNCTION search_plain(text TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT lower(unaccent('unaccent'::regdictionary, text)) $$;

-- The words between the signs and spaces of a text. The ranges are those of Unicode, so that no locale matters.
CREATE FUNCTION search_split(text TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT word FROM regexp_split_to_table(
    search_plain(text), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f\ufe30-\ufe4f\uff00-\uff0f]+'
  ) AS word WHERE word <> ''
$$;

-- The words that find a text, and the parts of those that are written together (`animeXL_v31`: animexl, anime, xl, v31, v, 31).
-- None is longer than 80 characters.
CREATE FUNCTION search_words(text TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT left(word, 80)), '{}') FROM (
    SELECT search_split(text) AS word
    UNION
    SELECT search_split(regexp_replace(regexp_replace(text, '([a-z])([A-Z0-9])', '\1 \2', 'g'), '([0-9])([a-zA-Z])', '\1 \2', 'g'))
  ) words
$$;

-- All words that find a model.
CREATE FUNCTION model_search_words(model_id INTEGER) RETURNS TEXT[] LANGUAGE sql STABLE AS $$
  SELECT search_words(concat_ws(' ', m.name, m.description, m.licence, u.name,
           (SELECT string_agg(t.name, ' ') FROM model_tag mt JOIN tag t ON t.id = mt."tagId" WHERE mt."modelId" = m.id),
           (SELECT string_agg(concat_ws(' ', v.name, f.filename), ' ')
              FROM model_version v LEFT JOIN model_file f ON f."versionId" = v.id WHERE v."modelId" = m.id)))
    FROM model m LEFT JOIN "user" u ON u.id = m."ownerId" WHERE m.id = model_id
$$;

-- Models that a person should look at: nothing tells the type or the base, though the file was read.
CREATE FUNCTION is_model_unknown(type TEXT, base TEXT, verdict "FileState") RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (type = 'unknown' OR (base = 'unknown' AND type NOT IN ('upscaler', 'text-encoder', 'image-encoder'))) AND verdict NOT IN ('quarantined', 'scanning')
$$;

CREATE FUNCTION model_search_refresh_words(model_ids INTEGER[]) RETURNS VOID LANGUAGE plpgsql AS E'
BEGIN
  WITH fresh AS MATERIALIZED (SELECT id, model_search_words(id) AS words FROM unnest(model_ids) AS id),
       kept AS (INSERT INTO search_word (word)
                SELECT DISTINCT word FROM fresh, unnest(words) AS word
                 WHERE NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = word.word))
  UPDATE model_search s SET words = array_to_tsvector(fresh.words)
    FROM fresh WHERE s."modelId" = fresh.id AND s.words IS DISTINCT FROM array_to_tsvector(fresh.words)\x3b
END ';

CREATE FUNCTION model_search_of_model() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  INSERT INTO model_search VALUES (
    NEW.id, search_plain(NEW.name), NEW.type, NEW.base, NEW.family, NEW.verdict,
    is_model_unknown(NEW.type, NEW.base, NEW.verdict), NEW.published, NEW."ownerId", NEW.size, NEW.downloads,
    NEW."createdAt", NEW."updatedAt", ''{}'', ''''
  ) ON CONFLICT ("modelId") DO UPDATE SET
    name = excluded.name, type = excluded.type, base = excluded.base, family = excluded.family, verdict = excluded.verdict,
    unknown = excluded.unknown, published = excluded.published, "ownerId" = excluded."ownerId", size = excluded.size,
    downloads = excluded.downloads, "createdAt" = excluded."createdAt", "updatedAt" = excluded."updatedAt"\x3b
  IF TG_OP = ''INSERT'' OR (OLD.name, OLD.description, OLD.licence, OLD."ownerId")
       IS DISTINCT FROM (NEW.name, NEW.description, NEW.licence, NEW."ownerId") THEN
    PERFORM model_search_refresh_words(ARRAY[NEW.id])\x3b
  END IF\x3b
  RETURN NULL\x3b
END ';

CREATE TRIGGER model_search_of_model AFTER INSERT OR UPDATE ON model
  FOR EACH ROW EXECUTE FUNCTION model_search_of_model();

CREATE FUNCTION model_search_of_tags() RETURNS TRIGGER LANGUAGE plpgsql AS E'
DECLARE model_ids INTEGER[]\x3b
BEGIN
  SELECT array_agg(DISTINCT "modelId") INTO model_ids FROM changed\x3b
  UPDATE model_search s SET "tagIds" = ARRAY(SELECT mt."tagId" FROM model_tag mt WHERE mt."modelId" = s."modelId" ORDER BY 1)
   WHERE s."modelId" = ANY (model_ids)\x3b
  PERFORM model_search_refresh_words(model_ids)\x3b
  RETURN NULL\x3b
END ';

CREATE TRIGGER model_search_of_new_tags AFTER INSERT ON model_tag REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION model_search_of_tags();
CREATE TRIGGER model_search_of_old_tags AFTER DELETE ON model_tag REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION model_search_of_tags();

CREATE FUNCTION model_search_of_tag() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  PERFORM model_search_refresh_words(ARRAY(SELECT "modelId" FROM model_tag WHERE "tagId" = NEW.id))\x3b
  RETURN NULL\x3b
END ';
CREATE TRIGGER model_search_of_tag AFTER UPDATE OF name ON tag
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION model_search_of_tag();

CREATE FUNCTION model_search_of_user() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  PERFORM model_search_refresh_words(ARRAY(SELECT id FROM model WHERE "ownerId" = NEW.id))\x3b
  RETURN NULL\x3b
END ';
CREATE TRIGGER model_search_of_user AFTER UPDATE OF name ON "user"
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION model_search_of_user();

CREATE FUNCTION model_search_of_versions() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  PERFORM model_search_refresh_words(ARRAY(SELECT DISTINCT "modelId" FROM changed))\x3b
  RETURN NULL\x3b
END ';
CREATE TRIGGER model_search_of_new_versions AFTER INSERT ON model_version REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION model_search_of_versions();
CREATE TRIGGER model_search_of_old_versions AFTER DELETE ON model_version REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION model_search_of_versions();
CREATE FUNCTION model_search_of_version() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  PERFORM model_search_refresh_words(ARRAY[OLD."modelId", NEW."modelId"])\x3b
  RETURN NULL\x3b
END ';
CREATE TRIGGER model_search_of_version AFTER UPDATE OF name, "modelId" ON model_version
  FOR EACH ROW WHEN ((OLD.name, OLD."modelId") IS DISTINCT FROM (NEW.name, NEW."modelId"))
  EXECUTE FUNCTION model_search_of_version();

CREATE FUNCTION model_search_of_files() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  PERFORM model_search_refresh_words(ARRAY(
    SELECT DISTINCT v."modelId" FROM changed JOIN model_version v ON v.id = changed."versionId"))\x3b
  RETURN NULL\x3b
END ';
CREATE TRIGGER model_search_of_new_files AFTER INSERT ON model_file REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION model_search_of_files();
CREATE TRIGGER model_search_of_old_files AFTER DELETE ON model_file REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION model_search_of_files();
CREATE FUNCTION model_search_of_file() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  PERFORM model_search_refresh_words(ARRAY(
    SELECT "modelId" FROM model_version WHERE id IN (OLD."versionId", NEW."versionId")))\x3b
  RETURN NULL\x3b
END ';
CREATE TRIGGER model_search_of_file AFTER UPDATE OF filename, "versionId" ON model_file
  FOR EACH ROW WHEN ((OLD.filename, OLD."versionId") IS DISTINCT FROM (NEW.filename, NEW."versionId"))
  EXECUTE FUNCTION model_search_of_file();

-- Counts: a row for all models and one for each tag.
CREATE FUNCTION model_count_change(s model_search, models INTEGER) RETURNS VOID LANGUAGE sql AS $$
  INSERT INTO model_count_change ("tagId", base, type, verdict, family, unknown, published, models)
  SELECT tag, s.base, s.type, s.verdict, coalesce(s.family, ''), s.unknown, s.published, models
    FROM unnest(array_append(s."tagIds", 0)) AS tag
$$;

CREATE FUNCTION model_count_of_search() RETURNS TRIGGER LANGUAGE plpgsql AS E'
BEGIN
  IF TG_OP <> ''INSERT'' THEN PERFORM model_count_change(OLD, -1)\x3b END IF\x3b
  IF TG_OP <> ''DELETE'' THEN PERFORM model_count_change(NEW, 1)\x3b END IF\x3b
  -- Some thousand changes are added up in a moment\x3b whoever meets another at it leaves it to that one.
  IF random() < 0.001 AND pg_try_advisory_xact_lock(7304211) THEN PERFORM model_count_fold()\x3b END IF\x3b
  RETURN NULL\x3b
END ';

CREATE FUNCTION model_count_fold() RETURNS VOID LANGUAGE sql AS $$
  WITH folded AS (DELETE FROM model_count_change RETURNING *),
       sums AS (SELECT "tagId", base, type, verdict, family, unknown, published, sum(models)::int AS models
                  FROM folded GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(models) <> 0),
       by_tag AS (INSERT INTO tag_model_count SELECT * FROM sums WHERE "tagId" <> 0
                    ON CONFLICT ("tagId", base, type, verdict, family, unknown, published)
                    DO UPDATE SET models = tag_model_count.models + excluded.models),
       tags AS (INSERT INTO tag_count
                SELECT "tagId", published, sum(models)::int FROM sums WHERE "tagId" <> 0 GROUP BY 1, 2 HAVING sum(models) <> 0
                    ON CONFLICT ("tagId", published) DO UPDATE SET models = tag_count.models + excluded.models)
  INSERT INTO model_count SELECT base, type, verdict, family, unknown, published, models FROM sums WHERE "tagId" = 0
      ON CONFLICT (base, type, verdict, family, unknown, published)
      DO UPDATE SET models = model_count.models + excluded.models
$$;

-- Makes all of this anew from what it is made of: for catalogs that were there before, and where something else than the
-- service has written.
CREATE FUNCTION model_search_rebuild() RETURNS VOID LANGUAGE plpgsql AS E'
BEGIN
  ALTER TABLE model_search DISABLE TRIGGER USER\x3b
  TRUNCATE model_search, search_word, model_count, tag_model_count, tag_count, model_count_change\x3b
  INSERT INTO model_search
  SELECT m.id, search_plain(m.name), m.type, m.base, m.family, m.verdict, is_model_unknown(m.type, m.base, m.verdict),
         m.published, m."ownerId", m.size, m.downloads, m."createdAt", m."updatedAt",
         ARRAY(SELECT mt."tagId" FROM model_tag mt WHERE mt."modelId" = m.id ORDER BY 1),
         array_to_tsvector(model_search_words(m.id))
    FROM model m\x3b
  INSERT INTO search_word (word) SELECT DISTINCT word FROM model_search, unnest(tsvector_to_array(words)) AS word\x3b
  INSERT INTO model_count_change ("tagId", base, type, verdict, family, unknown, published, models)
  SELECT tag, base, type, verdict, coalesce(family, ''''), unknown, published, count(*)
    FROM model_search s, unnest(array_append(s."tagIds", 0)) AS tag GROUP BY 1, 2, 3, 4, 5, 6, 7\x3b
  PERFORM model_count_fold()\x3b
  ALTER TABLE model_search ENABLE TRIGGER USER\x3b
END ';

CREATE TRIGGER model_count_of_new AFTER INSERT OR DELETE ON model_search
  FOR EACH ROW EXECUTE FUNCTION model_count_of_search();
CREATE TRIGGER model_count_of_changed AFTER UPDATE ON model_search
  FOR EACH ROW WHEN ((OLD.base, OLD.type, OLD.verdict, OLD.family, OLD.unknown, OLD.published, OLD."tagIds")
    IS DISTINCT FROM (NEW.base, NEW.type, NEW.verdict, NEW.family, NEW.unknown, NEW.published, NEW."tagIds"))
  EXECUTE FUNCTION model_count_of_search();

CREATE INDEX "model_search_words_idx" ON "model_search" USING GIN ("words");
CREATE INDEX "model_search_tagIds_idx" ON "model_search" USING GIN ("tagIds");
CREATE INDEX "model_search_ownerId_idx" ON "model_search" ("ownerId");
-- The order that people see first is read from the index alone, whatever is filtered by.
CREATE INDEX "model_search_updated_idx" ON "model_search" 
  ("updatedAt", "modelId", "published", "ownerId", "base", "type", "verdict", "family", "unknown");
CREATE INDEX "model_search_createdAt_modelId_published_ownerId_idx" ON "model_search" ("createdAt", "modelId", "published", "ownerId");
CREATE INDEX "model_search_name_modelId_published_ownerId_idx" ON "model_search" ("name", "modelId", "published", "ownerId");
CREATE INDEX "model_search_size_modelId_published_ownerId_idx" ON "model_search" ("size", "modelId", "published", "ownerId");
CREATE INDEX "model_search_downloads_modelId_published_ownerId_idx" ON "model_search" ("downloads", "modelId", "published", "ownerId");
CREATE INDEX "model_search_type_modelId_published_ownerId_idx" ON "model_search" ("type", "modelId", "published", "ownerId");
CREATE INDEX "model_search_base_modelId_published_ownerId_idx" ON "model_search" ("base", "modelId", "published", "ownerId");
CREATE INDEX "model_search_verdict_modelId_published_ownerId_idx" ON "model_search" ("verdict", "modelId", "published", "ownerId");
CREATE INDEX "model_search_base_type_updatedAt_modelId_idx" ON "model_search" ("base", "type", "updatedAt", "modelId");
CREATE INDEX "model_search_unknown_updatedAt_modelId_idx" ON "model_search" ("unknown", "updatedAt", "modelId");
CREATE INDEX "model_search_family_updatedAt_modelId_idx" ON "model_search" ("family", "updatedAt", "modelId");

-- Hashes are found by how they begin.
CREATE INDEX "blob_sha256_begin_idx" ON "blob" ("sha256" text_pattern_ops);
CREATE INDEX "blob_autoV1_begin_idx" ON "blob" ("autoV1" text_pattern_ops);
CREATE INDEX "blob_autoV3_begin_idx" ON "blob" ("autoV3" text_pattern_ops);
CREATE INDEX "blob_blake3_begin_idx" ON "blob" ("blake3" text_pattern_ops);
CREATE INDEX "blob_crc32_begin_idx" ON "blob" ("crc32" text_pattern_ops);
CREATE INDEX "model_count_change_tagId_idx" ON "model_count_change" ("tagId");
CREATE INDEX "search_word_word_idx" ON "search_word" ("word" text_pattern_ops);
CREATE INDEX "search_word_word_like_idx" ON "search_word" USING GIN ("word" gin_trgm_ops);

SELECT model_search_rebuild();

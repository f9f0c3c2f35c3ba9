import { Client } from 'pg';

/** Of everything that is made up, so that each run has the same catalog. */
const SEED = 0.20261201;

/** Syllables of made-up words; names and tags of a catalog repeat the same few thousand words, some far more than others. */
const SYLLABLES = 'ka lo mi ra ten shi vel dor qui an be fur gla no pix ul ster wen zo hy'.split(' ');
/** Words that people search for. */
const KNOWN = [
  'portrait',
  'anime',
  'style',
  'realistic',
  'landscape',
  'cyberpunk',
  'watercolor',
  'character',
  'armor',
  'forest',
];
const WORDS = 30_000;
const TAGS = 5000;
const TAGS_A_MODEL = 5;
const OWNERS = 2000;

/**
 * Fills an empty catalog with models as people have them: two to four words and a version for a name, some sentences, five
 * tags, one file with its hashes; bases, types, verdicts and words as unevenly spread as they are. Nothing is in the store.
 */
export async function makeCatalog(databaseUrl: string, models: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const tables = ['model', 'model_tag', 'model_version', 'model_file'];
  const run = async (text: string) => void (await client.query(text));
  try {
    await run(`SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SELECT setseed(${SEED})`);
    for (const table of tables) await run(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await run(`
      CREATE TEMPORARY TABLE made AS
        SELECT row_number() OVER () AS place, word FROM (
          SELECT word FROM unnest('{${KNOWN.join(',')}}'::text[]) AS word
          UNION ALL
          SELECT DISTINCT (SELECT string_agg(('{${SYLLABLES.join(',')}}'::text[])[1 + floor(random() * ${SYLLABLES.length})::int], '')
                             FROM generate_series(1, 2 + (random() * 2 + serial * 0)::int)) FROM generate_series(1, ${WORDS * 2}) serial
        ) words LIMIT ${WORDS};
      CREATE UNIQUE INDEX ON made (place);
      CREATE TEMPORARY TABLE size AS SELECT count(*)::int AS words FROM made`);
    // The first words are used far more than the last: squares and fourth powers of what is evenly spread.
    const word = (salt: number, power: number) =>
      `(SELECT word FROM made WHERE place = 1 + floor((SELECT words FROM size) * power(abs(hashint4(serial + ${salt}))::float8 / 2147483648.0, ${power}))::int)`;
    await run(`
      INSERT INTO "user" (id, name, email, "createdAt", "updatedAt")
        SELECT 'owner' || serial, initcap(${word(11, 1)}) || ' ' || serial, 'owner' || serial || '@example.org', now(), now()
          FROM generate_series(1, ${OWNERS}) serial;
      INSERT INTO tag (name) SELECT word FROM made WHERE place <= ${TAGS};
      INSERT INTO model (slug, name, description, type, base, family, verdict, published, "ownerId", size, downloads, "createdAt", "updatedAt")
        SELECT 'model-' || serial, initcap(${word(1, 2)}) || ' ' || ${word(2, 2)} || ' v' || (1 + serial % 9),
               concat_ws(' ', ${Array.from({ length: 12 }, (_, at) => word(100 + at, 3)).join(', ')}),
               ('{lora,lora,lora,lora,lora,lora,checkpoint,checkpoint,embedding,vae,controlnet,upscaler}'::text[])[1 + floor(random() * 12)::int],
               ('{sdxl,sdxl,sdxl,sdxl,sd1,sd1,sd1,flux1,flux1,sd2,sd3,wan,z-image,qwen-image,pixart,unknown}'::text[])[1 + floor(power(random(), 1.3) * 16)::int],
               CASE WHEN random() < 0.2 THEN ('{pony,illustrious,noobai}'::text[])[1 + floor(random() * 3)::int] END,
               (CASE WHEN random() < 0.9 THEN 'clean' ELSE ('{suspicious,dangerous,malformed}'::text[])[1 + floor(random() * 3)::int] END)::"FileState",
               random() < 0.9, 'owner' || (1 + floor(${OWNERS} * power(random(), 2))::int), floor(random() * 7e9)::bigint,
               floor(1e5 * power(random(), 6))::int, now() - random() * interval '900 days', now() - random() * interval '400 days'
          FROM generate_series(1, ${models}) serial;
      INSERT INTO model_tag ("modelId", "tagId")
        SELECT DISTINCT m.id, t.id FROM model m CROSS JOIN generate_series(1, ${TAGS_A_MODEL}) place
          JOIN tag t ON t.id = (SELECT min(id) FROM tag) + floor(${TAGS} * power(abs(hashint4(m.id * 8 + place))::float8 / 2147483648.0, 3))::int;
      INSERT INTO model_version ("modelId", name) SELECT id, '1.0' FROM model;
      INSERT INTO blob (sha256, size, "autoV3", blake3)
        SELECT encode(sha256(('a' || id)::bytea), 'hex'), size, encode(sha256(('b' || id)::bytea), 'hex'), encode(sha256(('c' || id)::bytea), 'hex') FROM model;
      INSERT INTO model_file ("versionId", filename, "sourceSha256", state)
        SELECT v.id, replace(m.name, ' ', '_') || '.safetensors', encode(sha256(('a' || m.id)::bytea), 'hex'), m.verdict
          FROM model m JOIN model_version v ON v."modelId" = m.id`);
    for (const table of tables) await run(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    await run('ANALYZE');
    await run('SELECT model_search_rebuild()');
    await run('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

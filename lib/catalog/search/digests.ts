import { searchDb } from '../../db/index.ts';

/** The shortest part of a hash that finds files. */
const LEAST_DIGITS = 6;
const MOST_DIGITS = 64;

/** Hashes come as people copy them: `[31e35c80fc]`, `sha256:…`, `0x…`, in either case. Null for what is none. */
export function readDigest(text: string): string | null {
  const hex = text.toLowerCase().replace(/^(?:sha256|blake3|autov[123]|crc32):|^0x|[\s[\]]/g, '');
  return /^[0-9a-f]+$/.test(hex) &&
    hex.length >= LEAST_DIGITS &&
    hex.length <= MOST_DIGITS &&
    !SHA256_OF_EMPTY.startsWith(hex)
    ? hex
    : null;
}

/** SHA-256 of no bytes. Some writers stamp it on everything, so that it names no file. */
const SHA256_OF_EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** More files than this do not begin alike, unless somebody made them. */
const MAX_MODELS = 10_000;

/**
 * The models with a file whose SHA-256, BLAKE3, AutoV1, AutoV3 (kohya's hash) or CRC32 begins so. Civitai writes the bytes
 * of a CRC32 from last to first.
 */
export async function findModelsOfDigest(hex: string): Promise<number[]> {
  const prefix = `${hex}%`;
  const turned = hex.length === CRC32_DIGITS ? Buffer.from(hex, 'hex').reverse().toString('hex') : hex;
  const rows = await searchDb().$queryRaw<{ modelId: number }[]>`
    WITH same AS MATERIALIZED (
           SELECT sha256 FROM blob WHERE sha256 LIKE ${prefix}
           UNION SELECT sha256 FROM blob WHERE "autoV3" LIKE ${prefix}
           UNION SELECT sha256 FROM blob WHERE blake3 LIKE ${prefix}
           UNION SELECT sha256 FROM blob WHERE "autoV1" LIKE ${prefix}
           UNION SELECT sha256 FROM blob WHERE crc32 LIKE ${prefix}
           UNION SELECT sha256 FROM blob WHERE crc32 LIKE ${`${turned}%`}),
         files AS (
           SELECT f.id FROM same JOIN model_file f ON f."sourceSha256" = same.sha256
           UNION SELECT f.id FROM same JOIN model_file f ON f."convertedSha256" = same.sha256
           UNION SELECT p."fileId" FROM same JOIN model_part p ON p.sha256 = same.sha256
           UNION SELECT p."fileId" FROM same JOIN model_part p ON p."convertedSha256" = same.sha256)
    SELECT DISTINCT v."modelId" FROM files JOIN model_file f ON f.id = files.id JOIN model_version v ON v.id = f."versionId"
     LIMIT ${MAX_MODELS}`;
  return rows.map(({ modelId }) => modelId);
}

const CRC32_DIGITS = 8;

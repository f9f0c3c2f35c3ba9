import { readComfyPrompt } from './comfy.ts';
import { openPicture } from './decode.ts';
import { MAX_INFOTEXT, parseInfotext } from './infotext.ts';
import { readDream, readInvoke, readOldInvoke } from './invoke.ts';
import { isObject, readJsonObject } from './json.ts';
import { type GenerationParameters, noParameters } from './parameters.ts';
import { INFOTEXT_KEYWORD } from './png.ts';
import { isPng, readTextChunks } from './png-chunks.ts';
import { readSwarm } from './swarm.ts';
import { type ExifTexts, readExifTexts } from './user-comment.ts';

/** Programs by whose words a picture says how it was made. `Other` wrote infotext and did not say its name. */
export const GENERATORS = [
  'Weighhouse',
  'A1111',
  'Forge',
  'SD.Next',
  'stable-diffusion.cpp',
  'ComfyUI',
  'SwarmUI',
  'InvokeAI',
  'Other',
] as const;
export type Generator = (typeof GENERATORS)[number];

/** How a picture was made, as it says itself. Anybody can write it: nothing in it is checked. */
export interface PictureMetadata {
  generator: Generator;
  /** As it stands in the picture. */
  raw: string;
  parameters: GenerationParameters;
}

/**
 * Reads what a generator wrote into a picture: text chunks of PNG, EXIF of JPEG, WebP, AVIF and PNG. Null where there is
 * nothing that is understood, which covers broken and oversized texts too. Throws `AppError` where the bytes are no
 * picture.
 */
export async function readMetadata(bytes: Uint8Array): Promise<PictureMetadata | null> {
  const found = isPng(bytes) ? readTexts(readTextChunks(bytes)) : null;
  if (found !== null) return found;
  const { exif } = await openPicture(bytes);
  return exif === null ? null : readExif(readExifTexts(exif));
}

function readTexts(texts: ReadonlyMap<string, string>): PictureMetadata | null {
  const infotext = texts.get(INFOTEXT_KEYWORD);
  return (
    (infotext === undefined ? null : readParameters(infotext)) ??
    fromJson(texts.get('invokeai_metadata'), 'InvokeAI', readInvoke) ??
    fromJson(texts.get('sd-metadata'), 'InvokeAI', readOldInvoke) ??
    fromDream(texts.get('Dream')) ??
    readComfy(texts.get('prompt'), texts.get('workflow'))
  );
}

function readExif({ userComment, others }: ExifTexts): PictureMetadata | null {
  const tagged = (name: string) => others.find((text) => text.startsWith(`${name}:`))?.slice(name.length + 1);
  const comment = userComment === null ? null : readParameters(userComment);
  return comment ?? readComfy(tagged('prompt'), tagged('workflow'));
}

/** What stands under `parameters`: SwarmUI's JSON, or infotext. */
function readParameters(text: string): PictureMetadata | null {
  if (text.trimStart().startsWith('{')) {
    const swarm = fromJson(text, 'SwarmUI', readSwarm);
    if (swarm !== null) return swarm;
  }
  const parameters = text.length > MAX_INFOTEXT ? null : parseInfotext(text);
  return parameters === null ? null : { generator: nameGenerator(parameters), raw: text, parameters };
}

function fromJson(
  text: string | undefined,
  generator: Generator,
  read: (json: Record<string, unknown>) => GenerationParameters | null,
): PictureMetadata | null {
  const json = text === undefined ? null : readJsonObject(text);
  const parameters = json === null ? null : read(json);
  return text === undefined || parameters === null ? null : { generator, raw: text, parameters };
}

function fromDream(text: string | undefined): PictureMetadata | null {
  const parameters = text === undefined || text.length > MAX_INFOTEXT ? null : readDream(text);
  return text === undefined || parameters === null ? null : { generator: 'InvokeAI', raw: text, parameters };
}

/** The prompt says it all; a workflow alone tells the program and no more. */
function readComfy(prompt: string | undefined, workflow: string | undefined): PictureMetadata | null {
  const read = fromJson(prompt, 'ComfyUI', readComfyPrompt);
  return read ?? fromJson(workflow, 'ComfyUI', ({ nodes }) => (isList(nodes) ? noParameters() : null));
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isObject);
}

/** Who wrote infotext, by the version that it ends with: A1111's begin with `v1.`, Forge's with `f`. */
function nameGenerator({ version, other }: GenerationParameters): Generator {
  if (version?.startsWith('Weighhouse')) return 'Weighhouse';
  if (version?.startsWith('ComfyUI')) return 'ComfyUI';
  if (version?.startsWith('stable-diffusion.cpp')) return 'stable-diffusion.cpp';
  if (version !== null && /^f\d|forge|^neo$/i.test(version)) return 'Forge';
  if (version !== null && /^v?1\.\d/.test(version)) return 'A1111';
  if (other.App === 'SD.Next' || other.Backend !== undefined) return 'SD.Next';
  return 'Other';
}

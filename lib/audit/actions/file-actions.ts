import { z } from 'zod';
import { BASES, labelOf, TYPES, VERDICTS } from '../../catalog/client.ts';
import type { ConversionState, FileState, UploadState } from '../../db/index.ts';
import { defineAction, word } from './define.ts';
import { listWords, type Named, named, type Phrase, phrase } from './phrase.ts';

const verdict = (state: string) => labelOf(VERDICTS, state);

const states = z.object({ state: word<FileState>(), conversion: word<ConversionState>() });
const judged = z.object({
  state: word<FileState>(),
  rules: z.string().nullable(),
  conversion: word<ConversionState>().optional(),
});

const identified = z.object({ type: z.string(), base: z.string(), confidence: z.string() });
const sayIdentified = ({ type, base, confidence }: z.infer<typeof identified>) =>
  `${labelOf(TYPES, type)}, ${labelOf(BASES, base)} (${confidence})`;

/** What is done to uploads and to the files that they become. */
export const FILE_ACTIONS = {
  'upload.state': defineAction({
    subject: 'upload',
    label: 'Changed the state of an upload',
    before: z.object({ state: word<UploadState>() }),
    after: z.object({
      state: word<UploadState>(),
      error: z.string().optional(),
      fileId: z.number().nullish(),
      sidecarId: z.number().optional(),
    }),
    say: ({ subject, after }) => sayUpload(subject, after),
  }),
  'file.enter': defineAction({
    subject: 'file',
    label: 'Added a file',
    after: z.object({
      filename: z.string(),
      sha256: z.string(),
      modelId: z.number(),
      madeFromId: z.number().optional(),
    }),
    say: ({ subject, after: { modelId, madeFromId } }) =>
      madeFromId === undefined
        ? phrase`added ${subject} to ${named('model', modelId)}`
        : phrase`added ${subject}, converted from ${named('file', madeFromId)}, to ${named('model', modelId)}`,
  }),
  'file.state': defineAction({
    subject: 'file',
    label: 'Changed the state of a file',
    before: states,
    after: z.object({
      state: word<FileState>().optional(),
      conversion: word<ConversionState>().optional(),
      conversionReason: z.string().nullish(),
      convertedSha256: z.string().optional(),
    }),
    say: ({ subject, before, after }) => sayFileState(subject, before, after),
  }),
  'file.identify': defineAction({
    subject: 'file',
    label: 'Accepted another identification of a file',
    before: identified,
    after: identified,
    say: ({ subject, before, after }) =>
      phrase`changed the identification of ${subject} from ${sayIdentified(before)} to ${sayIdentified(after)}`,
  }),
  'file.rescan': defineAction({
    subject: 'file',
    label: 'Rescanned a file with newer rules',
    before: judged,
    after: judged,
    say: ({ subject, before, after }) =>
      before.state === after.state
        ? phrase`rescanned ${subject} with newer rules: still ${verdict(after.state)}`
        : phrase`rescanned ${subject} with newer rules: ${verdict(after.state)}, was ${verdict(before.state)}`,
  }),
  'file.disarm': defineAction({
    subject: 'file',
    label: 'Requested a disarm',
    before: z.object({ state: word<FileState>() }),
    say: ({ subject, before }) => phrase`requested a disarm of ${subject} (verdict: ${verdict(before.state)})`,
  }),
  'file.fetch-quarantined': defineAction({
    subject: 'file',
    label: 'Downloaded a file from quarantine',
    after: z.object({ state: word<FileState>(), sha256: z.string() }),
    say: ({ subject, after }) => phrase`downloaded ${subject} from quarantine (verdict: ${verdict(after.state)})`,
  }),
  'file.convert-again': defineAction({
    subject: 'file',
    label: 'Requested a conversion',
    after: z.object({
      dtype: z.string().optional(),
      ema: z.string().optional(),
      only: z.string().optional(),
      stripTraining: z.boolean().optional(),
      skipUnsupported: z.boolean().optional(),
    }),
    say: ({ subject, after: { dtype, ema, only, stripTraining, skipUnsupported } }) => {
      const options = [
        ...(dtype === undefined ? [] : [`precision ${dtype}`]),
        ...(ema === undefined ? [] : [ema === 'use' ? 'EMA weights' : 'without EMA weights']),
        ...(only === undefined ? [] : [`only ${only}`]),
        ...(stripTraining === true ? ['without training state'] : []),
        ...(skipUnsupported === true ? ['without unsupported tensors'] : []),
      ];
      return phrase`requested a conversion of ${subject}${options.length === 0 ? '' : `: ${listWords(options)}`}`;
    },
  }),
  'file.measure': defineAction({
    subject: 'file',
    label: 'Requested tensor statistics',
    say: ({ subject }) => phrase`requested tensor statistics of ${subject}`,
  }),
  'file.mismatch': defineAction({
    subject: 'file',
    label: 'Removed stored bytes that do not match their SHA-256',
    before: z.object({ sha256: z.string() }),
    after: z.object({ sha256: z.string().nullable() }),
    say: ({ subject }) => phrase`removed the stored bytes of ${subject}, which do not match their SHA-256`,
  }),
  'file.retry': defineAction({
    subject: 'file',
    label: 'Requested a new scan',
    say: ({ subject }) => phrase`requested a new scan of ${subject}`,
  }),
  'sidecar.keep': defineAction({
    subject: 'sidecar',
    label: 'Added a companion file',
    after: z.object({ filename: z.string(), fileId: z.number().nullable() }),
    say: ({ subject, after: { fileId } }) =>
      fileId === null
        ? phrase`uploaded the companion file ${subject}, whose model file is not here yet`
        : phrase`added the companion file ${subject} to ${named('file', fileId)}`,
  }),
};

interface UploadChange {
  state: UploadState;
  error?: string | undefined;
  fileId?: number | null | undefined;
}

function sayUpload(subject: Named, { state, error, fileId }: UploadChange): Phrase {
  const because = error === undefined ? '' : `: ${error}`;
  switch (state) {
    case 'received':
      return phrase`uploaded all of ${subject}`;
    case 'stored':
      return phrase`finished the upload of ${subject}`;
    case 'duplicate':
      return typeof fileId === 'number'
        ? phrase`uploaded ${subject}, which the catalog already has as ${named('file', fileId)}`
        : phrase`uploaded ${subject}, which the catalog already has`;
    case 'aborted':
      return error === undefined
        ? phrase`cancelled the upload of ${subject}`
        : phrase`failed to upload ${subject}${because}`;
    case 'expired':
      return phrase`lost the unfinished upload of ${subject}${because}`;
    default:
      return phrase`changed the upload of ${subject} to “${state}”${because}`;
  }
}

function sayFileState(
  subject: Named,
  before: { state: FileState },
  after: {
    state?: FileState | undefined;
    conversion?: ConversionState | undefined;
    conversionReason?: string | null | undefined;
  },
): Phrase {
  const conversion = after.conversion === undefined ? null : sayConversion(subject, after.conversion, after);
  if (after.state === undefined) return conversion ?? phrase`changed ${subject}`;
  const state = sayVerdict(subject, before.state, after.state);
  return conversion === null ? state : phrase`${state}, and ${conversion}`;
}

function sayVerdict(subject: Named, before: FileState, after: FileState): Phrase {
  if (after === 'scanning') return phrase`started to scan ${subject}`;
  if (after === 'quarantined') return phrase`put ${subject} in quarantine`;
  return before === 'scanning'
    ? phrase`scanned ${subject}: ${verdict(after)}`
    : phrase`changed the verdict of ${subject} from ${verdict(before)} to ${verdict(after)}`;
}

function sayConversion(
  subject: Named,
  conversion: ConversionState,
  { conversionReason: reason }: { conversionReason?: string | null | undefined },
): Phrase {
  switch (conversion) {
    case 'queued':
      return phrase`queued the conversion of ${subject}`;
    case 'converting':
      return phrase`started to convert ${subject}`;
    case 'verifying':
      return phrase`started to verify the conversion of ${subject}`;
    case 'converted':
      return phrase`converted ${subject} to safetensors`;
    case 'not_convertible':
      return phrase`did not convert ${subject}${reason ? `: ${reason}` : ''}`;
    default:
      return phrase`reset the conversion of ${subject}`;
  }
}

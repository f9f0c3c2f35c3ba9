import { RenderError } from '../render/index.ts';
import { isRecord } from './object-info.ts';

/** Sentences of ComfyUI and torch that say the file is not what its loader expects (comfy/sd.py, safetensors). */
const LOADING =
  /could not detect model type|size mismatch|header|deserializ|state_dict|not a valid|clip input is invalid|contains no tensors|unexpected eof/i;
/** torch.OutOfMemoryError, torch.cuda.OutOfMemoryError, and what DirectML and the CPU's allocator say instead. */
const MEMORY =
  /out of memory|outofmemory|allocation on device|can't allocate memory|not enough (?:gpu |video )?memory/i;
/** Input names that hold a model file. */
const FILE_INPUT = /^(?:ckpt|unet|lora|vae|clip)_name\d?$/;

const MAX_WORDS = 400;

/** Why a node failed, from the data of `execution_error`. */
export function executionError(data: unknown): RenderError {
  const {
    exception_type: type = '',
    exception_message: message = '',
    node_type: node = '',
  } = isRecord(data) ? data : {};
  const words = shorten(String(message) || String(type) || 'no reason given');
  if (MEMORY.test(`${type} ${message}`))
    return new RenderError('out_of_memory', `ComfyUI ran out of memory in ${node}: ${words}`);
  if (/Loader/.test(String(node)) || LOADING.test(String(message)))
    return new RenderError('load_mismatch', `ComfyUI cannot load the model (${node}): ${words}`);
  return new RenderError('crash', `ComfyUI failed in ${node}: ${words}`);
}

/** Why `POST /prompt` was refused, from its answer: `{ error: {…}, node_errors: { id: { class_type, errors: […] } } }`. */
export function refusal(answer: unknown): RenderError {
  const { error, node_errors: nodeErrors } = isRecord(answer) ? answer : {};
  const reasons: string[] = [];
  let isFile = false;
  for (const node of isRecord(nodeErrors) ? Object.values(nodeErrors) : []) {
    if (!isRecord(node) || !Array.isArray(node.errors)) continue;
    for (const one of node.errors.filter(isRecord)) {
      reasons.push(`${node.class_type}: ${one.message} (${one.details})`);
      const input = isRecord(one.extra_info) ? one.extra_info.input_name : undefined;
      isFile ||= one.type === 'value_not_in_list' && FILE_INPUT.test(String(input));
    }
  }
  if (reasons.length === 0 && isRecord(error))
    reasons.push(String(error.message), ...[error.details].filter(Boolean).map(String));
  const words = shorten(reasons.join('; ') || 'no reason given');
  const isNodeMissing =
    isRecord(error) && (error.type === 'missing_node_type' || /does not exist/i.test(String(error.message)));
  if (isNodeMissing)
    return new RenderError('unsupported_architecture', `A ComfyUI node is missing: ${words}. Update ComfyUI.`);
  return new RenderError(isFile ? 'load_mismatch' : 'bad_request', `ComfyUI rejected the workflow. ${words}`);
}

function shorten(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}

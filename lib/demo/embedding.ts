import { call, dict, global, orderedDict, type PyValue, set, type TensorSpec, tensorValue } from './writers/index.ts';

/** Token that the tokenizer of CLIP gives `*`. */
const STAR_TOKEN = 265;

export interface EmbeddingDescription {
  /** Word that calls it. */
  name: string;
  step: number;
  /** Short hash and name of the checkpoint it was trained on. */
  checkpoint?: { hash: string; name: string };
}

/** A textual inversion as the AUTOMATIC1111 web UI saves it: the vectors as a parameter of torch, and how they came to be. */
export function buildEmbedding(vectors: TensorSpec, { name, step, checkpoint }: EmbeddingDescription): PyValue {
  const parameter = call(global('torch._utils', '_rebuild_parameter'), [tensorValue(vectors), true, orderedDict()]);
  return dict([
    ['string_to_token', dict([['*', STAR_TOKEN]])],
    ['string_to_param', buildParameterDict(parameter)],
    ['name', name],
    ['step', step],
    ['sd_checkpoint', checkpoint?.hash ?? null],
    ['sd_checkpoint_name', checkpoint?.name ?? null],
  ]);
}

/** `torch.nn.ParameterDict({'*': parameter})` with everything a module of PyTorch 1.13 has. */
function buildParameterDict(parameter: PyValue): PyValue {
  return call(global('torch.nn.modules.container', 'ParameterDict'), [], {
    asNew: true,
    state: dict([
      ['training', true],
      ['_parameters', orderedDict([['*', parameter]])],
      ['_buffers', orderedDict()],
      ['_non_persistent_buffers_set', set()],
      ['_backward_hooks', orderedDict()],
      ['_is_full_backward_hook', null],
      ['_forward_hooks', orderedDict()],
      ['_forward_pre_hooks', orderedDict()],
      ['_state_dict_hooks', orderedDict()],
      ['_load_state_dict_pre_hooks', orderedDict()],
      ['_modules', orderedDict()],
    ]),
  });
}

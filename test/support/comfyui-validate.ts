import type { Graph } from '#lib/comfyui/index.ts';
import type { ComfyNode } from './comfyui-nodes.ts';

interface InputError {
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

export interface Refusal {
  error: InputError;
  node_errors: Record<string, { errors: InputError[]; dependent_outputs: string[]; class_type: string }>;
}

/** Checks a workflow as ComfyUI's execution.py does (`validate_prompt`). Returns null where it is valid. */
export function validateGraph(graph: Graph, nodes: Record<string, ComfyNode>): Refusal | null {
  for (const [id, { class_type }] of Object.entries(graph))
    if (!nodes[class_type])
      return {
        error: fault('invalid_prompt', `Cannot execute because node ${class_type} does not exist.`, `Node ID '#${id}'`),
        node_errors: {},
      };
  const outputs = Object.keys(graph).filter((id) => nodes[graph[id]!.class_type]!.isOutput);
  if (outputs.length === 0) return { error: fault('prompt_no_outputs', 'Prompt has no outputs', ''), node_errors: {} };

  const nodeErrors: Refusal['node_errors'] = {};
  for (const [id, { class_type, inputs }] of Object.entries(graph)) {
    const errors = Object.entries(nodes[class_type]!.required).flatMap(([name, [type, options = {}]]) => {
      const choices = Array.isArray(type) ? type : type === 'COMBO' ? (options.options as string[]) : null;
      return checkInput(graph, nodes, name, inputs[name], choices ?? (type as string), options) ?? [];
    });
    if (errors.length > 0) nodeErrors[id] = { errors, dependent_outputs: outputs, class_type };
  }
  if (Object.keys(nodeErrors).length === 0) return null;
  return {
    error: fault('prompt_outputs_failed_validation', 'Prompt outputs failed validation', ''),
    node_errors: nodeErrors,
  };
}

function checkInput(
  graph: Graph,
  nodes: Record<string, ComfyNode>,
  name: string,
  value: unknown,
  type: string | readonly string[],
  { min, max }: Record<string, unknown>,
): InputError | null {
  const about = { input_name: name, received_value: value };
  if (value === undefined) return fault('required_input_missing', 'Required input is missing', name, about);
  if (Array.isArray(value)) {
    const source = graph[String(value[0])];
    const received = source && nodes[source.class_type]?.outputs[Number(value[1])];
    if (!source) return fault('bad_linked_input', 'Bad linked input, must be a length-2 list', name, about);
    return received === type
      ? null
      : fault(
          'return_type_mismatch',
          'Return type mismatch between linked nodes',
          `${name}, ${received} != ${type}`,
          about,
        );
  }
  if (typeof type !== 'string')
    return type.includes(String(value))
      ? null
      : fault(
          'value_not_in_list',
          'Value not in list',
          `${name}: '${value}' not in (list of length ${type.length})`,
          about,
        );
  const isWanted = {
    INT: Number.isInteger(value),
    FLOAT: Number.isFinite(value),
    STRING: typeof value === 'string',
    BOOLEAN: typeof value === 'boolean',
  }[type];
  if (!isWanted)
    return fault(
      'invalid_input_type',
      `Failed to convert an input value to a ${type} value`,
      `${name}, ${value}`,
      about,
    );
  if (typeof min === 'number' && Number(value) < min)
    return fault('value_smaller_than_min', `Value ${value} smaller than min of ${min}`, name, about);
  if (typeof max === 'number' && Number(value) > max)
    return fault('value_bigger_than_max', `Value ${value} bigger than max of ${max}`, name, about);
  return null;
}

function fault(type: string, message: string, details: string, extra_info: Record<string, unknown> = {}): InputError {
  return { type, message, details, extra_info };
}

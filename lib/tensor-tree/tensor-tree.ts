/** What a tree needs to know of a tensor. */
export interface NamedTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
}

/** A tensor, or a part of the model with all that lies below it. */
export interface TensorNode {
  /** Names of all parts down to this one, joined by dots. */
  path: string;
  /** What this node adds to its parent's path; several parts where nothing branches off between them. */
  label: string;
  /** 0 at the top. */
  depth: number;
  tensors: number;
  parameters: number;
  bytes: number;
  /** The tensor itself; null for a part. */
  tensor: NamedTensor | null;
  children: TensorNode[];
}

/** Names with more dots than any real model has keep the rest in their last label. */
const MAX_DEPTH = 24;

/** Tensors by the dots in their names, in the order of the file. A part with one child is one line with it. */
export function buildTensorTree(tensors: readonly NamedTensor[]): TensorNode[] {
  const root = newNode('', '');
  const known = new Map<string, TensorNode>();
  for (const tensor of tensors) {
    const parts = splitName(tensor.name);
    const parameters = tensor.shape.reduce((product, size) => product * size, 1);
    const bytes = (parameters * bitsOf(tensor.dtype)) / 8;
    const chain = [root];
    let parent = root;
    let path = '';
    for (const part of parts.slice(0, -1)) {
      path = path === '' ? part : `${path}.${part}`;
      const node = known.get(path) ?? newNode(path, part);
      if (!known.has(path)) {
        known.set(path, node);
        parent.children.push(node);
      }
      chain.push(node);
      parent = node;
    }
    const leaf = { ...newNode(tensor.name, parts.at(-1) ?? ''), tensor };
    parent.children.push(leaf);
    for (const node of [...chain, leaf]) {
      node.tensors += 1;
      node.parameters += parameters;
      node.bytes += bytes;
    }
  }
  return root.children.map((child) => settle(child, 0));
}

/** The lines in sight: every node whose parents are all open. */
export function listOpenNodes(nodes: readonly TensorNode[], open: ReadonlySet<string>): TensorNode[] {
  return nodes.flatMap((node) =>
    node.tensor === null && open.has(node.path) ? [node, ...listOpenNodes(node.children, open)] : [node],
  );
}

/** The tensors alone. */
export function listTensors(nodes: readonly TensorNode[]): TensorNode[] {
  return nodes.flatMap((node) => (node.tensor === null ? listTensors(node.children) : [node]));
}

/** Bits of one element: the first number in safetensors' names of types; BOOL has none and takes a byte. */
export function bitsOf(dtype: string): number {
  return Number(/\d+/.exec(dtype)?.[0] ?? 8);
}

function splitName(name: string): string[] {
  const parts = name.split('.');
  return parts.length <= MAX_DEPTH ? parts : [...parts.slice(0, MAX_DEPTH - 1), parts.slice(MAX_DEPTH - 1).join('.')];
}

function newNode(path: string, label: string): TensorNode {
  return { path, label, depth: 0, tensors: 0, parameters: 0, bytes: 0, tensor: null, children: [] };
}

function settle(node: TensorNode, depth: number): TensorNode {
  const [only] = node.children;
  if (node.tensor === null && node.children.length === 1 && only !== undefined)
    return settle({ ...only, label: `${node.label}.${only.label}` }, depth);
  return { ...node, depth, children: node.children.map((child) => settle(child, depth + 1)) };
}

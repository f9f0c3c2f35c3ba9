import { describe, expect, it } from 'vitest';
import { bitsOf, buildTensorTree, listOpenNodes, listTensors, type TensorNode } from '#lib/tensor-tree/index.ts';

const tensor = (name: string, shape: number[] = [2, 3], dtype = 'F16') => ({ name, dtype, shape });
const outline = (nodes: readonly TensorNode[]): unknown[] =>
  nodes.map(({ label, children }) => (children.length === 0 ? label : [label, outline(children)]));

describe('a tree of tensors', () => {
  it('follows the dots, in the order of the file, and joins what does not branch', () => {
    const tree = buildTensorTree([
      tensor('model.unet.b.weight'),
      tensor('model.unet.b.bias'),
      tensor('model.unet.a.weight'),
      tensor('lone'),
      tensor('vae.decoder.norm.weight'),
    ]);
    expect(outline(tree)).toEqual([
      ['model.unet', [['b', ['weight', 'bias']], 'a.weight']],
      'lone',
      'vae.decoder.norm.weight',
    ]);
    expect(tree[0]).toMatchObject({ path: 'model.unet', depth: 0, tensors: 3, parameters: 18, bytes: 36 });
    expect(tree[0]?.children[1]).toMatchObject({ path: 'model.unet.a.weight', depth: 1, tensors: 1, bytes: 12 });
  });

  it('keeps a tensor beside a part of the same name', () => {
    const tree = buildTensorTree([tensor('a'), tensor('a.b'), tensor('a.c')]);
    expect(outline(tree)).toEqual(['a', ['a', ['b', 'c']]]);
  });

  it('counts scalars, empty tensors and every width', () => {
    expect(buildTensorTree([tensor('s', [], 'F64')])[0]).toMatchObject({ parameters: 1, bytes: 8 });
    expect(buildTensorTree([tensor('e', [0, 9])])[0]).toMatchObject({ parameters: 0, bytes: 0 });
    expect(['BOOL', 'F8_E4M3', 'BF16', 'F32', 'C64'].map(bitsOf)).toEqual([8, 8, 16, 32, 64]);
  });

  it('shows what lies below open parts alone', () => {
    const tree = buildTensorTree([tensor('a.x.1'), tensor('a.x.2'), tensor('a.y'), tensor('b.1'), tensor('b.2')]);
    const paths = (open: string[]) => listOpenNodes(tree, new Set(open)).map(({ path }) => path);
    expect(paths([])).toEqual(['a', 'b']);
    expect(paths(['a'])).toEqual(['a', 'a.x', 'a.y', 'b']);
    expect(paths(['a.x'])).toEqual(['a', 'b']);
    expect(paths(['a', 'a.x', 'b'])).toEqual(['a', 'a.x', 'a.x.1', 'a.x.2', 'a.y', 'b', 'b.1', 'b.2']);
  });

  it('takes names of dots alone, and a name of ten thousand parts', () => {
    const names = ['', '.', '...', 'a..b', Array.from({ length: 10_000 }, () => 'x').join('.')];
    const tree = buildTensorTree(names.map((name) => tensor(name)));
    expect(
      listTensors(tree)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});

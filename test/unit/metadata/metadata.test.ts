import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readAbout,
  readMergeGraph,
  readTagFolders,
  readThumbnail,
  readTraining,
  readTriggerWords,
} from '#scanner/metadata/index.ts';

const of = (entries: Record<string, unknown>) =>
  new Map(
    Object.entries(entries).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );

describe('training parameters', () => {
  it('are shown in groups, without what Python left empty', () => {
    const groups = readTraining(
      of({
        ss_network_module: 'networks.lora',
        ss_network_dim: '32',
        ss_network_alpha: '16.0',
        ss_network_args: { conv_dim: 8, algo: 'loha' },
        ss_sd_model_name: 'None',
        ss_training_started_at: '1700000000.5',
        ss_zero_terminal_snr: 'False',
        ss_learning_rate: '',
      }),
    );
    expect(groups).toEqual([
      {
        title: 'Network',
        parameters: [
          { label: 'Module', value: 'networks.lora' },
          { label: 'Rank', value: '32' },
          { label: 'Alpha', value: '16.0' },
          { label: 'Options', value: 'conv_dim 8, algo loha' },
        ],
      },
      { title: 'Progress', parameters: [{ label: 'Started', value: '2023-11-14T22:13:20.500Z' }] },
    ]);
  });

  it('are capped, and a time that is none is left out', () => {
    const [group] = readTraining(of({ ss_output_name: 'x'.repeat(10_000), ss_training_started_at: 'yesterday' }));
    expect(group?.parameters[0]?.value).toHaveLength(300);
    expect(group?.title).toBe('Notes');
  });
});

describe('tags and trigger words', () => {
  const metadata = of({
    ss_tag_frequency: {
      '10_harbour lights': { 'harbour lights': 40, boat: 39, night: 12, sea: 3 },
      '1_reg': { boat: 5 },
      empty: {},
    },
    'modelspec.trigger_phrase': 'harbour lights',
    ss_datasets: [{ subsets: [{ class_tokens: 'hrbr style' }, { class_tokens: null }] }, 7],
  });

  it('are counted folder by folder, the most frequent first', () => {
    expect(readTagFolders(metadata)).toEqual([
      {
        folder: '10_harbour lights',
        different: 4,
        tags: [
          { tag: 'harbour lights', count: 40 },
          { tag: 'boat', count: 39 },
          { tag: 'night', count: 12 },
          { tag: 'sea', count: 3 },
        ],
      },
      { folder: '1_reg', different: 1, tags: [{ tag: 'boat', count: 5 }] },
    ]);
  });

  it('are stated or inferred, each once and from the best source', () => {
    expect(readTriggerWords(metadata, ['Hrbr Style', 'lanterns'])).toEqual([
      { text: 'harbour lights', source: 'stated', from: 'modelspec.trigger_phrase' },
      { text: 'Hrbr Style', source: 'stated', from: 'companion file' },
      { text: 'lanterns', source: 'stated', from: 'companion file' },
      { text: 'boat', source: 'inferred', from: 'ss_tag_frequency' },
      { text: 'reg', source: 'inferred', from: 'ss_tag_frequency' },
    ]);
  });

  it('are capped', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`tag ${index}`, index + 1]));
    const folders = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}_x`, many]));
    const found = readTagFolders(of({ ss_tag_frequency: folders }));
    expect([found.length, found[0]?.tags.length, found[0]?.different]).toEqual([20, 50, 5000]);
    expect(readTriggerWords(of({ ss_tag_frequency: folders })).length).toBeLessThanOrEqual(30);
  });
});

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const C = 'c'.repeat(64);
const sum = (primary: string, secondary: string, multiplier: number) => ({
  type: 'webui',
  primary_model_hash: primary,
  secondary_model_hash: secondary,
  tertiary_model_hash: null,
  interp_method: 'Weighted sum',
  multiplier,
});

describe('the family tree of a merge', () => {
  it('is unfolded as far as recipes go', () => {
    const graph = readMergeGraph(
      of({
        sd_merge_recipe: sum(A, B, 0.25),
        sd_merge_models: {
          [A.toUpperCase()]: { name: 'harbour', legacy_hash: '1234abcd', sd_merge_recipe: null },
          [B]: { name: 'meadow', sd_merge_recipe: sum(A, C, 0.5) },
        },
      }),
    );
    expect(graph?.nodes).toEqual([
      { id: 'this', name: null, sha256: null, autov1: null, method: 'Weighted sum' },
      { id: A, name: 'harbour', sha256: A, autov1: '1234abcd', method: null },
      { id: B, name: 'meadow', sha256: B, autov1: null, method: 'Weighted sum' },
      { id: C, name: null, sha256: C, autov1: null, method: null },
    ]);
    expect(graph?.edges).toEqual([
      { from: A, to: 'this', role: 'primary', share: 0.75 },
      { from: B, to: 'this', role: 'secondary', share: 0.25 },
      { from: A, to: B, role: 'primary', share: 0.5 },
      { from: C, to: B, role: 'secondary', share: 0.5 },
    ]);
  });

  it('ends where recipes go in circles, or on for ever', () => {
    const circle = readMergeGraph(
      of({
        sd_merge_recipe: sum(A, B, 0.5),
        sd_merge_models: { [A]: { sd_merge_recipe: sum(B, A, 0.5) }, [B]: { sd_merge_recipe: sum(A, B, 0.5) } },
      }),
    );
    expect([circle?.nodes.length, circle?.edges.length]).toEqual([3, 6]);

    const hash = (index: number) => index.toString(16).padStart(64, '0');
    const models = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [hash(index), { sd_merge_recipe: sum(hash(index + 1), A, 0.5) }]),
    );
    const chain = readMergeGraph(of({ sd_merge_recipe: sum(hash(0), A, 0.5), sd_merge_models: models }));
    expect(chain?.nodes).toHaveLength(200);
  });

  it('is read from names alone where no recipe is', () => {
    const graph = readMergeGraph(of({ 'modelspec.merged_from': 'harbour.safetensors, meadow, meadow,' }));
    expect(graph?.nodes.map(({ id }) => id)).toEqual(['this', 'harbour.safetensors', 'meadow']);
    expect(graph?.edges).toHaveLength(2);
  });

  it('is none where a file was converted, or nothing is recorded', () => {
    const conversion = { ...sum(A, B, 0), secondary_model_hash: null, interp_method: 'No interpolation' };
    expect(readMergeGraph(of({ sd_merge_recipe: conversion }))).toBeNull();
    expect(readMergeGraph(of({}))).toBeNull();
    expect(readMergeGraph(of({ sd_merge_recipe: '[1,2' }))).toBeNull();
  });
});

describe('what the maker says', () => {
  it('is read from ModelSpec, and from older fields where that is silent', () => {
    expect(
      readAbout(
        of({
          'modelspec.title': 'None',
          ssmd_display_name: 'Harbour',
          'modelspec.license': 'CC-BY-4.0',
          'modelspec.tags': 'sea, boat,, sea',
        }),
      ),
    ).toMatchObject({ title: 'Harbour', author: null, licence: 'CC-BY-4.0', tags: ['sea', 'boat'] });
  });

  it('has a picture where it is one by its name and its letters', () => {
    const bytes = Buffer.from('89504e470d0a1a0a', 'hex');
    const uri = `data:image/png;base64,${bytes.toString('base64')}`;
    expect(readThumbnail(of({ 'modelspec.thumbnail': uri }))).toEqual(new Uint8Array(bytes));
    for (const other of [
      'data:image/svg+xml;base64,AAAA',
      'https://example.org/a.png',
      'data:image/png;base64,<b>',
      '',
    ])
      expect(readThumbnail(of({ 'modelspec.thumbnail': other }))).toBeNull();
  });
});

it('reads any texts at all without an error', () => {
  const keys = fc.constantFrom(
    'ss_tag_frequency',
    'ss_datasets',
    'ss_network_args',
    'sd_merge_recipe',
    'sd_merge_models',
    'modelspec.merged_from',
    'modelspec.thumbnail',
    'modelspec.tags',
    'ss_training_started_at',
  );
  const values = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json({ maxDepth: 6 }).map((text) => `{"subsets":${text}}`),
  );
  fc.assert(
    fc.property(fc.dictionary(keys, values), (entries) => {
      const metadata = new Map(Object.entries(entries));
      const found = [
        readTraining(metadata),
        readTagFolders(metadata),
        readTriggerWords(metadata),
        readMergeGraph(metadata),
        readAbout(metadata),
        readThumbnail(metadata),
      ];
      expect(JSON.stringify(found).length).toBeLessThan(1_000_000);
    }),
  );
});

import { describe, expect, it } from 'vitest';
import { readAddress } from '#lib/comfyui/address.ts';
import { executionError, refusal } from '#lib/comfyui/errors.ts';

describe('an error of ComfyUI', () => {
  it.each([
    ['torch.OutOfMemoryError', 'Allocation on device 0 would exceed allowed memory.', 'KSampler', 'out_of_memory'],
    ['torch.cuda.OutOfMemoryError', 'CUDA out of memory. Tried to allocate 2.00 GiB', 'VAEDecode', 'out_of_memory'],
    [
      'RuntimeError',
      "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory",
      'KSampler',
      'out_of_memory',
    ],
    ['torch.OutOfMemoryError', 'Allocation on device', 'CheckpointLoaderSimple', 'out_of_memory'],
    [
      'RuntimeError',
      'ERROR: Could not detect model type of: /models/x.safetensors',
      'CheckpointLoaderSimple',
      'load_mismatch',
    ],
    [
      'safetensors_rust.SafetensorError',
      'Error while deserializing header: MetadataIncompleteBuffer',
      'LoraLoader',
      'load_mismatch',
    ],
    ['RuntimeError', 'ERROR: clip input is invalid: None', 'CLIPTextEncode', 'load_mismatch'],
    ['RuntimeError', 'mat1 and mat2 shapes cannot be multiplied (77x1280 and 768x320)', 'KSampler', 'crash'],
  ])('%s, %s in %s is %s', (exception_type, exception_message, node_type, code) => {
    const error = executionError({ exception_type, exception_message, node_type });
    expect(error.code).toBe(code);
    expect(error.message).toContain(node_type);
    expect(error.message).toContain(exception_message);
  });

  it('without words is an error all the same', () => {
    expect(executionError(undefined)).toMatchObject({
      code: 'crash',
      message: expect.stringContaining('no reason given'),
    });
    expect(refusal(null)).toMatchObject({ code: 'bad_request' });
  });

  it('in a list of thousands is cut to what can be read', () => {
    expect(
      executionError({ exception_message: 'x'.repeat(100_000), node_type: 'KSampler' }).message.length,
    ).toBeLessThan(500);
  });

  it.each([
    ['value_not_in_list', 'ckpt_name', 'load_mismatch'],
    ['value_not_in_list', 'clip_name2', 'load_mismatch'],
    ['value_not_in_list', 'sampler_name', 'bad_request'],
    ['value_bigger_than_max', 'steps', 'bad_request'],
  ])('%s of %s, found before it runs, is %s', (type, input_name, code) => {
    const errors = [
      { type, message: 'Some message', details: `${input_name}: 'x' not in []`, extra_info: { input_name } },
    ];
    const error = refusal({
      error: { type: 'prompt_outputs_failed_validation' },
      node_errors: { 3: { class_type: 'Node', errors } },
    });
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(`Node: Some message (${input_name}: 'x' not in [])`),
    });
  });

  it.each([
    { type: 'invalid_prompt', message: 'Cannot execute because node FluxGuidance does not exist.' },
    { type: 'missing_node_type', message: "Node 'FluxGuidance' not found." },
  ])('of a node that is not there says so: $type', (error) => {
    expect(refusal({ error, node_errors: {} })).toMatchObject({
      code: 'unsupported_architecture',
      message: expect.stringContaining('FluxGuidance'),
    });
  });
});

describe('an address', () => {
  it.each([
    ['http://gpu.local:8188', 'http://gpu.local:8188', 'ws://gpu.local:8188/ws?clientId=c'],
    ['gpu.local:8188', 'http://gpu.local:8188', 'ws://gpu.local:8188/ws?clientId=c'],
    ['https://host/comfy/', 'https://host/comfy', 'wss://host/comfy/ws?clientId=c'],
  ])('%s is asked at %s and heard at %s', (text, shown, socket) => {
    const address = readAddress(text);
    expect(address.shown).toBe(shown);
    expect(address.http('/queue').href).toBe(`${shown}/queue`);
    expect(address.socket('c').href).toBe(socket);
  });

  it('keeps user and password to itself and sends them', () => {
    const address = readAddress('http://ada:se%3Acret@host:8188');
    expect(address.headers).toEqual({ authorization: `Basic ${btoa('ada:se:cret')}` });
    expect(address.shown + address.http('queue').href).not.toMatch(/ada|cret/);
  });

  it.each(['', 'ftp://host', 'http://'])('%j is none', (text) => {
    expect(() => readAddress(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasSwiftShader, swiftShaderEnvironment } from '../../support/swiftshader.ts';
import type { CaseResult } from '../../support/webgpu/graph-case.ts';
import { LORA_NAMES } from '../../support/webgpu/lora-cases.ts';
import { NETWORK_NAMES } from '../../support/webgpu/network-cases.ts';
import { OPERATOR_NAMES } from '../../support/webgpu/operator-cases.ts';

/** One operator lies below 4e-7, a network below 6e-6. */
const OPERATOR_TOLERANCE = 1e-6;
const NETWORK_TOLERANCE = 1e-4;

/** The process that runs the graphs: a driver in software takes about a minute, with `npm run test:conformance` two. */
const CHILD = fileURLToPath(new URL('../../support/webgpu/compare-graphs.ts', import.meta.url));

const NOTICE = hasSwiftShader ? '' : ' (not tried: npm has its driver for Linux on x64 alone)';

describe.skipIf(!hasSwiftShader)(`a GPU in software agrees with the processor${NOTICE}`, () => {
  const results = new Map<string, CaseResult>();
  let ending = '';

  beforeAll(async () => {
    const child = spawn(process.execPath, [CHILD], {
      env: swiftShaderEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      const result = JSON.parse(line) as CaseResult;
      results.set(result.name, result);
    }
    const code = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));
    ending = `The process ended with ${code}. ${errors.join('')}`;
  });

  const errorOf = (name: string) => {
    const result = results.get(name);
    expect(result, ending).toBeDefined();
    expect(result?.failure).toBeUndefined();
    return result?.error ?? Number.POSITIVE_INFINITY;
  };

  test.each(OPERATOR_NAMES)('operator: %s', (name) => {
    expect(errorOf(name)).toBeLessThan(OPERATOR_TOLERANCE);
  });

  test.each(LORA_NAMES)('%s', (name) => {
    expect(errorOf(name)).toBeLessThan(OPERATOR_TOLERANCE);
  });

  test.each(NETWORK_NAMES)('%s', (name) => {
    expect(errorOf(name)).toBeLessThan(NETWORK_TOLERANCE);
  });
});

import type { z } from 'zod';
import { PROFILE_FORM, type ProfileForm, type ProfileView } from '#lib/previews/client.ts';
import { parseNumbers, writeNumbers } from './number-list.ts';

/** A profile as its form holds it: lists of numbers as the text that people write. */
export interface ProfileValues extends Omit<ProfileForm, ListName | 'cpu'> {
  seeds: string;
  adapterSeeds: string;
  loraWeights: string;
  cpu: Omit<ProfileForm['cpu'], 'seeds' | 'adapterSeeds'> & { seeds: string; adapterSeeds: string };
}

type ListName = 'seeds' | 'adapterSeeds' | 'loraWeights';

export function toValues(profile: ProfileView): ProfileValues {
  const { width, height, steps, sampler, cfgScale, clipSkip, prompts, negativePrompt, cpu } = profile;
  return {
    ...{ width, height, steps, sampler, cfgScale, clipSkip, negativePrompt },
    prompts: prompts.map(({ subject, text }) => ({ subject, text })),
    seeds: writeNumbers(profile.seeds),
    adapterSeeds: writeNumbers(profile.adapterSeeds),
    loraWeights: writeNumbers(profile.loraWeights),
    cpu: { ...cpu, seeds: writeNumbers(cpu.seeds), adapterSeeds: writeNumbers(cpu.adapterSeeds) },
  };
}

export type ReadProfile = { form: ProfileForm; errors: null } | { form: null; errors: Record<string, string> };

/** The profile that a filled form asks for, or what is wrong with it by field: `cpu.width`, `prompts.0.text`. */
export function readValues(values: ProfileValues): ReadProfile {
  const errors: Record<string, string> = {};
  const numbers = (path: string, text: string) => {
    const read = parseNumbers(text);
    if (read === null) errors[path] = 'Enter numbers separated by commas.';
    return read ?? [];
  };
  const candidate = {
    ...values,
    seeds: numbers('seeds', values.seeds),
    adapterSeeds: numbers('adapterSeeds', values.adapterSeeds),
    loraWeights: numbers('loraWeights', values.loraWeights),
    cpu: {
      ...values.cpu,
      seeds: numbers('cpu.seeds', values.cpu.seeds),
      adapterSeeds: numbers('cpu.adapterSeeds', values.cpu.adapterSeeds),
    },
  };
  const result = PROFILE_FORM.safeParse(candidate);
  for (const issue of result.error?.issues ?? []) errors[fieldOf(issue.path)] ??= describeIssue(issue);
  return result.success && Object.keys(errors).length === 0
    ? { form: result.data, errors: null }
    : { form: null, errors };
}

/** zod's own words are for programmers; those that the form gives itself are for people. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const text = 'origin' in issue && issue.origin === 'string';
  if (issue.code === 'too_small') {
    if (text) return 'This field is required.';
    return issue.origin === 'array' ? 'Enter at least one number.' : `Enter ${issue.minimum} or more.`;
  }
  if (issue.code === 'too_big') {
    if (text) return `Use ${issue.maximum} characters or fewer.`;
    return issue.origin === 'array' ? `Use ${issue.maximum} values or fewer.` : `Enter ${issue.maximum} or less.`;
  }
  return issue.code === 'invalid_type' ? 'Enter a number. Seeds and steps must be whole numbers.' : issue.message;
}

/** A list of numbers is one field, whichever of them is wrong. */
function fieldOf(path: readonly PropertyKey[]): string {
  const known = path[0] === 'prompts' ? path : path.filter((part) => typeof part !== 'number');
  return known.map(String).join('.');
}

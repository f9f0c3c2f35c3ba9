export { type ExplainedPickle, type ExplainedStep, type Explanation, explain } from './explain.ts';
export { formatExplanation } from './format.ts';

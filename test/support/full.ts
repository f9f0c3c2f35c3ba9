/** Whether sweeps try everything, as `npm run test:conformance` asks; `npm test` tries a part that stands for it. */
export const IS_FULL = process.env.WEIGHHOUSE_TEST_FULL === 'yes';

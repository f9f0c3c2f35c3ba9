/** What asks for the release. */
export const VERSION_OPTIONS: readonly string[] = ['-V', '--version'];

/** What stands for a program whose texts can be read and that does not name itself: nothing to tell people. */
export const UNKNOWN_GENERATOR = 'Other';

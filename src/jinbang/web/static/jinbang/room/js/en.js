export const ENGLISH = {};

// The roles of people, least to most. Apart from the schemas, because the pages need the words and not the checks.
export const roles = ['viewer', 'analyst', 'administrator'] as const;
export type Role = (typeof roles)[number];

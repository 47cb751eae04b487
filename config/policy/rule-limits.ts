/** Sources, tests, filter rules and trim rules of one policy, and conditions of one rule. */
export const policyLimits = { sourcesMax: 1_024, rulesMax: 256, testsMax: 1_024 } as const;

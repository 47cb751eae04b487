/** Sources, filter rules and trim rules of one policy, and conditions of one rule. */
export const policyLimits = { sourcesMax: 1_024, rulesMax: 256 } as const;

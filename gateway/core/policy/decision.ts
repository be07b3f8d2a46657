import type { DataClass, ModelAction, Purpose, Region, Stage, Tier } from '../../domain/vocabulary.ts';

/** What the model may see of identifiers in the prompt, least to most protective. */
export const PROMPT_RULES = ['pass', 'deidentify', 'reject'] as const;
export type PromptRule = (typeof PROMPT_RULES)[number];

/** Redaction profiles for what comes back, least to most protective. */
export const REDACTION_PROFILES = ['none', 'limited-dataset', 'safe-harbor'] as const;
export type RedactionProfile = (typeof REDACTION_PROFILES)[number];

/** Whether images may be sent, least to most protective. */
export const IMAGE_RULES = ['allow', 'deny'] as const;
export type ImageRule = (typeof IMAGE_RULES)[number];

/** Every attribute comes from a closed set except ids; nothing in it is a pattern. */
export interface PolicyRequest {
  readonly tenant: string;
  readonly tier: Tier;
  /** `a:<client id>` for software, `u:<user reference>` when a human is named. */
  readonly principal: string;
  readonly purpose: Purpose;
  readonly dataClass: DataClass;
  /** The model version asked for, such as `mayo-cr-1`. */
  readonly model: string;
  readonly stage: Stage;
  readonly action: ModelAction;
  readonly region: Region;
}

/** Duties that come with an allow; merged over all matching rules, the strictest wins. */
export interface Obligations {
  readonly redact: RedactionProfile;
  readonly deidentify: PromptRule;
  /** No scan finds an identifier in pixels, so this is `deny` unless every rule that allowed grants it. */
  readonly images: ImageRule;
  /** The most tokens one answer may have, or null when no rule says. */
  readonly maxTokens: number | null;
  /** Days that content may be kept, or null when no rule says; 0 keeps nothing. */
  readonly retainDays: number | null;
  /** Share of answers a human reviews, in per cent: 0 none, 100 always. */
  readonly humanReviewPercent: number;
  /** Desks to be told, such as `privacy`; sorted, without repeats. */
  readonly alerts: readonly string[];
}

/** A decision and why: ids of rules only, so that it can be shown and kept. */
export interface Decision {
  readonly allowed: boolean;
  /** Ids of every rule that matched, allows and denies, in file order. */
  readonly matchedRules: readonly string[];
  /** For a deny: the `reason` of each matching deny, or `no_matching_rule`. */
  readonly reasons: readonly string[];
  /** For a default deny: rules that differ in one attribute only, as `ruleId:attribute`; at most five. */
  readonly nearestMisses: readonly string[];
  readonly obligations: Obligations;
  /** `ps_` and the first 16 hex digits of the policy set's SHA-256. */
  readonly policySet: string;
}

/** Decides from one immutable policy set; synchronous, and never throws: what cannot be decided is a deny. */
export interface PolicyDecisionPoint {
  readonly policySet: string;
  decide(request: PolicyRequest): Decision;
}

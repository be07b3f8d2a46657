import type { Hl7B2b } from '../contract/hl7-b2b.ts';
import {
  assertionClaims,
  assertionExtensions,
  assertionHeader,
  proofClaims,
  TOKEN_SCOPE,
  tokenRequest,
} from '../contract/oauth.ts';
import { parseOrRefuse } from '../contract/parse.ts';
import { readSigned } from '../core/tenants/signed-text.ts';
import {
  type AssertionAlgorithm,
  type ClientAssertion,
  objectionToAssertion,
} from '../core/tokens/client-assertion.ts';
import { at, type Instant } from '../domain/clock.ts';
import { Problem } from '../domain/problem.ts';
import { TOKEN_PATH } from './issuing-desk.ts';

export type Form = Readonly<Record<string, string>>;

/** A request for a token as it came in. */
export interface TokenAsk {
  /** Reads the body, within bounds. */
  readonly readForm: () => Promise<Form>;
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
  readonly address: string;
}

/** What was asked for, in parts that have their form; whoever wrote them. */
export interface Plea {
  readonly assertion: ClientAssertion;
  readonly text: string;
  readonly proof: { readonly text: string; readonly jti: string; readonly until: Instant } | undefined;
  readonly extension: Hl7B2b | undefined;
}

interface Ground {
  readonly algorithms: readonly AssertionAlgorithm[];
  readonly origin: string;
  readonly now: Instant;
}

/** Every rule that can be judged without knowing the client; what it throws may be told to anybody. */
export async function readPlea({ readForm, authorization, proof }: TokenAsk, ground: Ground): Promise<Plea> {
  const form = await readForm();
  refuseOtherCredentials(form, authorization);
  const wanted = parseOrRefuse(tokenRequest, form, explainForm);
  refuseOtherTargets(wanted, ground.origin);
  const { assertion, extensions } = readAssertion(wanted.client_assertion, ground);
  if (wanted.client_id !== undefined && wanted.client_id !== assertion.iss)
    throw new Problem('invalid_client', { reasons: ['client_id_is_not_iss'] });
  return {
    assertion,
    text: wanted.client_assertion,
    proof: proof === undefined ? undefined : readProof(proof, ground.now),
    extension: readExtension(extensions),
  };
}

/** RFC 6749 section 2.3: a client authenticates in one way. */
function refuseOtherCredentials(form: Form, authorization: string | undefined): void {
  const isMixed = form.client_secret !== undefined || authorization !== undefined;
  if (isMixed && form.client_assertion !== undefined) throw new Problem('multiple_credentials');
  if (isMixed) throw new Problem('invalid_client', { reasons: ['method_not_allowed'] });
}

/** What is wrong with a form, in the order in which OAuth would say it. */
function explainForm(value: unknown): Problem | undefined {
  const { grant_type: grant, client_assertion: assertion } = value as Form;
  if (grant === undefined) return new Problem('invalid_parameter', { reasons: ['grant_type_missing'] });
  if (!tokenRequest.shape.grant_type.safeParse(grant).success)
    return new Problem('invalid_parameter', { param: 'grant_type' });
  if (assertion === undefined) return new Problem('invalid_client', { reasons: ['assertion_missing'] });
  const isTyped = tokenRequest.shape.client_assertion_type.safeParse(
    (value as Form).client_assertion_type,
  ).success;
  return isTyped ? undefined : new Problem('invalid_client', { reasons: ['assertion_type_unknown'] });
}

function refuseOtherTargets(
  {
    scope = TOKEN_SCOPE,
    resource,
  }: { readonly scope?: string | undefined; readonly resource?: string | undefined },
  origin: string,
): void {
  if (scope.split(' ').some((word) => word !== TOKEN_SCOPE))
    throw new Problem('invalid_parameter', { param: 'scope' });
  if (resource !== undefined && resource !== origin)
    throw new Problem('invalid_parameter', { param: 'resource' });
}

function readAssertion(text: string, { algorithms, origin, now }: Ground) {
  const jwt = readSigned(text);
  if (jwt === undefined) throw new Problem('invalid_client', { reasons: ['assertion_malformed'] });
  const header = parseOrRefuse(assertionHeader, jwt.header, () => badAssertion('header_not_allowed'));
  const { extensions, ...claims } = parseOrRefuse(assertionClaims, jwt.claims, () =>
    badAssertion('claims_not_allowed'),
  );
  const assertion = { ...header, ...claims };
  const audiences = [origin, origin + TOKEN_PATH];
  const objection = objectionToAssertion(assertion, { algorithms, audiences, now });
  if (objection !== undefined) throw badAssertion(objection);
  return { assertion, extensions };
}

const badAssertion = (reason: string) => new Problem('invalid_client', { reasons: [reason] });

/** RFC 9449 section 11.1: a proof is good for a short while around the time it was made. */
function readProof(text: string, now: Instant): NonNullable<Plea['proof']> {
  const jwt = readSigned(text);
  const claims = proofClaims.safeParse(jwt?.claims);
  if (!claims.success) throw badProof('proof_malformed');
  const { jti, iat } = claims.data;
  if (Math.abs(iat * 1_000 - now) > PROOF_MS) throw badProof('proof_not_of_now');
  return { text, jti, until: at(iat * 1_000 + 2 * PROOF_MS) };
}

const PROOF_MS = 60_000;

const badProof = (reason: string) => new Problem('invalid_parameter', { param: 'dpop', reasons: [reason] });

function readExtension(extensions: unknown): Hl7B2b | undefined {
  if (extensions === undefined) return undefined;
  return parseOrRefuse(assertionExtensions, extensions, () => new Problem('context_invalid'))['hl7-b2b'];
}

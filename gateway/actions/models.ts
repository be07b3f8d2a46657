import { createHash } from 'node:crypto';
import {
  namedVersion,
  noInput,
  preambleSet,
  preambleView,
  setPreamble,
  versionList,
} from '../contract/admin.ts';
import { preambleBytes } from '../domain/preamble.ts';
import { Problem } from '../domain/problem.ts';
import { change, look } from './action.ts';
import type { Office } from './office.ts';

export const listModelVersions = look({
  method: 'get',
  path: '/admin/v1/models',
  summary: 'List every model version with its stage and deployment',
  permission: 'model:read',
  reach: 'owner',
  event: 'admin.model.list',
  action: 'R',
  input: noInput,
  output: versionList,
  run: async (_, office) => {
    const data = office.models.versions().map((version) => ({
      id: version.id,
      model: version.model,
      stage: version.stage,
      capabilities: [...version.capabilities],
      deployment: version.deployment,
      context_tokens: version.contextTokens,
      max_output_tokens: version.maxOutputTokens,
    }));
    return { answer: { data }, note: { rows: data.length } };
  },
});

const PREAMBLE = '/admin/v1/models/:id/preamble';

/** Under the permission to set it: who may not change the text has no need to know it. */
export const readPreamble = look({
  method: 'get',
  path: PREAMBLE,
  summary: 'Read what a model version is given before everything else; confidential',
  permission: 'preamble:set',
  reach: 'owner',
  event: 'admin.model.preamble.read',
  action: 'R',
  input: namedVersion,
  output: preambleView,
  run: async ({ id }, office) => {
    const version = theVersion(office, id);
    const preamble = office.models.preambleOf(version);
    return { answer: { ...factsOf(version, preamble), preamble }, note: factsOf(version, preamble) };
  },
});

export const setVersionPreamble = change({
  method: 'post',
  path: PREAMBLE,
  summary: 'Set what a model version is given before everything else; in force within a second',
  permission: 'preamble:set',
  reach: 'owner',
  event: 'admin.model.preamble.set',
  action: 'U',
  status: 200,
  input: setPreamble,
  output: preambleSet,
  run: async ({ id, preamble }, desk, { office }) => {
    const version = theVersion(office, id);
    await desk.setPreamble(version, preamble);
    return { answer: factsOf(version, preamble), note: factsOf(version, preamble) };
  },
});

/** What may be said of a preamble without telling it. */
export function factsOf(version: string, preamble: string | null) {
  return {
    model_version: version,
    sha256: preamble === null ? null : createHash('sha256').update(preamble).digest('hex'),
    bytes: preamble === null ? 0 : preambleBytes(preamble),
  };
}

function theVersion(office: Office, id: string): string {
  const version = office.models.versions().find((one) => one.id === id);
  if (version === undefined) throw new Problem('not_found', { param: 'id' });
  return version.id;
}

import { noInput, versionList } from '../contract/admin.ts';
import { look } from './action.ts';

export const listModelVersions = look({
  method: 'get',
  path: '/admin/v1/models',
  summary: 'List every model version with its stage and deployment',
  permission: 'model:read',
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

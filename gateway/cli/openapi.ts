import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { ownUrl } from '../own-url.ts';
import { ownVersion } from './own-version.ts';
import { printJson } from './print.ts';

/** `stewardgate openapi`: the gateway's OpenAPI document. */
export function openapiVerb(): Command {
  return new Command('openapi').description('print the OpenAPI 3.1 document').action(async () => {
    // Loaded here, for no other verb needs the schemas of every act.
    const { CATALOGUE } = await import('../actions/catalogue.ts');
    const { openApiDocument } = await import('../contract/openapi.ts');
    const config = readConfig();
    const publicUrl = () => config.publicUrl ?? ownUrl(config);
    printJson(openApiDocument({ publicUrl, version: ownVersion() }, CATALOGUE));
  });
}

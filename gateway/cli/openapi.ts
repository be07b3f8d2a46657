import { Command } from 'commander';
import { CATALOGUE } from '../actions/catalogue.ts';
import { readConfig } from '../config.ts';
import { openApiDocument } from '../contract/openapi.ts';
import { ownUrl } from '../own-url.ts';
import { ownVersion } from './own-version.ts';
import { printJson } from './print.ts';

/** `stewardgate openapi`: the gateway's OpenAPI document. */
export function openapiVerb(): Command {
  return new Command('openapi').description('print the OpenAPI 3.1 document').action(() => {
    const config = readConfig();
    const publicUrl = () => config.publicUrl ?? ownUrl(config);
    printJson(openApiDocument({ publicUrl, version: ownVersion() }, CATALOGUE));
  });
}

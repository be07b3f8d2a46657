import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ConfigError, readConfig } from '../config.ts';
import { DEMO_FILE, greet, prepareDemo } from '../demo.ts';
import { ownUrl } from '../own-url.ts';
import { print } from './print.ts';

/** `stewardgate demo`: makes the demo world when there is none, and shows how to use it. */
export function demoVerb(): Command {
  return new Command('demo')
    .description('make the demo world if there is none, and print what to paste')
    .action(async () => {
      const config = readConfig();
      if (config.mode !== 'demo') throw new ConfigError('there is no demo world in production mode');
      const file = join(config.dataDir, DEMO_FILE);
      const url = config.publicUrl ?? ownUrl(config);
      const { withGateway } = await import('./local.ts');
      if (!existsSync(file))
        await withGateway((gateway) => prepareDemo(gateway, config, { url, say: () => {} }));
      for (const line of greet(file)) print(line);
    });
}

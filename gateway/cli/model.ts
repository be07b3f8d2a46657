import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isPreamble, PREAMBLE_BYTES_MAX } from '../domain/preamble.ts';
import { CAPABILITIES, type Capability, isOneOf, STAGES, type Stage } from '../domain/vocabulary.ts';
import { deploymentName, modelName, tokenCount } from './arguments.ts';
import { print, printJson } from './print.ts';

/** `stewardgate model list|put|stage`: works on the database itself. */
export function modelVerbs(): Command {
  const verbs = new Command('model').description('the model versions the gateway serves');
  verbs.addCommand(
    new Command('list').description('list versions').action(async () => {
      const { withGateway } = await import('./local.ts');
      printJson(await withGateway(async (gateway) => gateway.office.models.versions()));
    }),
  );
  verbs.addCommand(putVerb());
  verbs.addCommand(
    new Command('stage')
      .description('move a version to a stage')
      .argument('<version>', 'its id', modelName)
      .addArgument(new Command().createArgument('<stage>').choices(STAGES))
      .action(async (id: string, stage: Stage) => {
        const { changeLocally, withGateway } = await import('./local.ts');
        const about = { event: 'admin.model.stage', note: { version: id, stage } };
        await withGateway((gateway) => changeLocally(gateway, about, (desk) => desk.setStage(id, stage)));
        print(`${id} is ${stage}`);
      }),
  );
  return verbs;
}

interface PutOptions {
  readonly model: string;
  readonly deployment: string;
  readonly stage: Stage;
  readonly capabilities: readonly Capability[];
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly preambleFile?: string;
}

function putVerb(): Command {
  return new Command('put')
    .description('add a version, or change what is known of it')
    .argument('<version>', 'such as mayo-cr-1', modelName)
    .requiredOption('--model <name>', 'the bare name, such as mayo-cr', modelName)
    .requiredOption('--deployment <name>', 'the host’s name for it', deploymentName)
    .addOption(new Option('--stage <stage>').choices(STAGES).default('internal'))
    .option('--capabilities <list>', 'what it can be asked for, with commas', capabilities, CAPABILITIES)
    .option('--context-tokens <count>', 'what it can read', tokenCount, 128_000)
    .option('--max-output-tokens <count>', 'what it can write', tokenCount, 4_096)
    .option('--preamble-file <file>', 'what it reads before everything else; an empty file takes it away')
    .action(async (id: string, { preambleFile, ...options }: PutOptions) => {
      const { stage, deployment } = options;
      const preamble = preambleFile === undefined ? undefined : readPreamble(preambleFile);
      const { changeLocally, withGateway } = await import('./local.ts');
      const { factsOf } = await import('../actions/models.ts');
      const facts = preamble === undefined ? {} : { preamble: factsOf(id, preamble) };
      const about = { event: 'admin.model.put', note: { version: id, stage, deployment, ...facts } };
      const version = await withGateway((gateway) => {
        const put = { id, ...options, created: Math.floor(gateway.office.clock.now() / 1_000) };
        return changeLocally(gateway, about, async (desk) => {
          await desk.putModelVersion(put);
          if (preamble !== undefined) await desk.setPreamble(id, preamble);
          return { ...put, ...facts };
        });
      });
      printJson(version);
    });
}

/** Throws for a file that cannot be a preamble; the message holds nothing of it. */
function readPreamble(file: string): string | null {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)).trimEnd();
  if (text === '') return null;
  if (!isPreamble(text)) throw new InvalidArgumentError(`a text of at most ${PREAMBLE_BYTES_MAX} bytes`);
  return text;
}

function capabilities(text: string): readonly Capability[] {
  const words = [...new Set(text.split(','))];
  if (!words.every((word) => isOneOf(CAPABILITIES, word)))
    throw new InvalidArgumentError(`${CAPABILITIES.join(', ')}, or both with a comma`);
  return words;
}

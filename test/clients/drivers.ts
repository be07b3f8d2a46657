import type { Driver } from './driver.ts';
import { aiSdkAzure, aiSdkCompatible, aiSdkOpenAi } from './drivers/ai-sdk.ts';
import { langChain, langChainAzure } from './drivers/langchain.ts';
import { azureOpenAi, openAi } from './drivers/openai.ts';

/** Every client, in the order of the columns. */
export const DRIVERS: readonly Driver[] = [
  openAi,
  azureOpenAi,
  aiSdkOpenAi,
  aiSdkAzure,
  aiSdkCompatible,
  langChain,
  langChainAzure,
];

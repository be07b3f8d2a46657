import { inOneProcess } from '../support/one-process.ts';

inOneProcess('contract');

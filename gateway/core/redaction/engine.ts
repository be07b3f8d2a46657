/** Which rules scanned, for every record; raised whenever they come to find something else. */
export const REDACTION_ENGINE = 'rules/3';

import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './gateway/adapters/postgres/schema/*.ts',
  out: './migrations',
});

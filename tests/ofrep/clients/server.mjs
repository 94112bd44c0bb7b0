// A product's Node server: prints the details of one evaluation for each subject named.
import { createRequire } from 'node:module';

const [home, baseUrl, key, flag, ...subjects] = process.argv.slice(2);
const require = createRequire(`${home}/`);
const { OpenFeature } = require('@openfeature/server-sdk');
const { OFREPProvider } = require('@openfeature/ofrep-provider');

const headers = [['Authorization', `Bearer ${key}`]];
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
const client = OpenFeature.getClient();
for (const targetingKey of subjects) {
  console.log(JSON.stringify(await client.getBooleanDetails(flag, false, { targetingKey })));
}
await OpenFeature.close();

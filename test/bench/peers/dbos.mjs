// DBOS Transact: a workflow of three steps from a queue that is polled often.
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { connectionString, measure, three_steps } from './peer.mjs';

const config = {
	name: 'bench',
	systemDatabaseUrl: connectionString(),
	systemDatabasePoolSize: 10,
	applicationVersion: '1',
	logLevel: 'error',
};
let pool;

async function handle(id) {
	for (const { name, sql } of three_steps)
		await DBOS.runStep(async () => (await pool.query(sql, [id])).rowCount, { name });
}
const workflow = DBOS.registerWorkflow(handle, { name: 'handle' });

async function launch() {
	DBOS.setConfig(config);
	await DBOS.launch();
	await DBOS.registerQueue('orders', { workerConcurrency: 50, minPollingIntervalMs: 20, onConflict: 'always_update' });
}

await measure({
	url: import.meta.url,
	status: 's3',
	unfinished: `SELECT count(*) FROM dbos.workflow_status WHERE status <> 'SUCCESS'`,
	async enqueue(_, jobs) {
		// The schema, then the backlog, of which no process takes anything yet.
		DBOS.setConfig({ ...config, listenQueues: ['none'] });
		await DBOS.launch();
		await DBOS.shutdown();
		const client = await DBOSClient.create({ systemDatabaseUrl: config.systemDatabaseUrl, applicationName: config.name });
		for (let id = 1; id <= jobs; id += 20)
			await Promise.all(Array.from({ length: Math.min(20, jobs - id + 1) }, (_, i) =>
				client.enqueue({ queueName: 'orders', workflowName: 'handle', appVersion: '1' }, id + i)));
		await client.destroy();
	},
	async work(given) {
		pool = given;
		await launch();
		void workflow;
	},
});

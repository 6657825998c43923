/**
 * Vitest reporter: prints at the end of the log, one line each, the slowest tests of a whole run, every test that only
 * passed on its second attempt, and every failure.
 */
export default class Summary {
  /** @param {readonly import('vitest/node').TestModule[]} modules @param {readonly import('vitest').SerializedError[]} errors */
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const unfinished = modules.filter((module) => module.errors().length > 0)
    const flaky = tests.filter((test) => test.diagnostic()?.flaky)
    const failed = tests.filter((test) => test.result().state === 'failed')
    if (modules.length > 100) saySlowest(tests)
    say('passed only on the second attempt', flaky, (test) => test.result().errors ?? [])
    say('failed', unfinished, (module) => module.errors())
    say('failed', failed, (test) => test.result().errors ?? [])
    for (const { message } of errors) console.log(`outside any test: ${firstLine(message)}`)
  }
}

/** @param {import('vitest/node').TestCase[]} tests */
function saySlowest(tests) {
  const seconds = (/** @type {import('vitest/node').TestCase} */ test) => (test.diagnostic()?.duration ?? 0) / 1000
  console.log('the twenty slowest tests:')
  for (const test of tests.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, 20)) {
    const { project, relativeModuleId } = test.module
    console.log(`  ${seconds(test).toFixed(1)} s ${project.name} ${relativeModuleId} > ${test.fullName}`)
  }
}

/**
 * @template {import('vitest/node').TestCase | import('vitest/node').TestModule} Task
 * @param {string} what
 * @param {Task[]} tasks
 * @param {(task: Task) => readonly { message: string }[]} errorsOf
 */
function say(what, tasks, errorsOf) {
  for (const task of tasks) {
    const [file, name] = 'fullName' in task ? [task.module, task.fullName] : [task, '(file)']
    console.log(`${what}: ${file.project.name} ${file.relativeModuleId} > ${name}`)
    for (const { message } of errorsOf(task)) console.log(`  ${firstLine(message)}`)
  }
}

/** @param {string} message */
const firstLine = (message) => message.split('\n', 1)[0]?.slice(0, 160)

/**
 * Vitest reporter: prints every failure on one line at the end of the log, and every test that only passed on its second
 * attempt.
 */
export default class Summary {
  /** @param {readonly import('vitest/node').TestModule[]} modules @param {readonly import('vitest').SerializedError[]} errors */
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const unfinished = modules.filter((module) => module.errors().length > 0)
    const flaky = tests.filter((test) => test.diagnostic()?.flaky)
    const failed = tests.filter((test) => test.result().state === 'failed')
    say('passed only on the second attempt', flaky, (test) => test.result().errors ?? [])
    say('failed', unfinished, (module) => module.errors())
    say('failed', failed, (test) => test.result().errors ?? [])
    for (const { message } of errors) console.log(`outside any test: ${firstLine(message)}`)
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

import { describe, expect, it } from 'vitest';
import { classifyGlobal } from '#scanner/pickle/index.ts';

const words = (text: string) => text.trim().split(/\s+/);

/** Module and name are parted by a colon: a dotted name is a way through attributes. */
const DANGEROUS = words(`
  ultralytics.nn.tasks:torch_safe_load ultralytics.nn.tasks:attempt_load_one_weight transformers.modeling_utils:load_state_dict
  transformers.utils.import_utils:direct_transformers_import diffusers.utils.dynamic_modules_utils:get_class_from_dynamic_module
  anyio:run_process anyio._core._subprocesses:open_process simpleeval:simple_eval trio:run_process
  numpy.f2py.crackfortran:myeval numpy.f2py.auxfuncs:applyrules numpy.f2py:os.system
  ray.cloudpickle.cloudpickle:subimport joblib.externals.cloudpickle.cloudpickle:subimport pyspark.cloudpickle:CloudPickler
  sklearn.externals.joblib:load pip._vendor.requests:get setuptools._vendor.jaraco.context:tarball
  botocore.vendored.requests:get some_pkg._vendor.cloudpickle:loads some_pkg.extern.six.moves:builtins
  torch.hub:os.system torch.hub:sys.modules some_pkg.utils:sp.run some_pkg.utils:pkl.loads some_pkg.util:requests.get
  some_pkg.a:torch.hub.load_state_dict_from_url some_pkg.a:np.load some_pkg.a:_pickle.loads enum:bltns.exec
  some_pkg.shell:run_command some_pkg:exec_cmd some_pkg:safe_eval some_pkg:load_pickle some_pkg:import_from_string
  some_pkg:download_url some_pkg:startfile some_pkg:LoadLibrary some_pkg:unpickle_file
  popen2:popen3 commands:getstatusoutput __builtin__:execfile
`);

/** Of known programs or of nobody: a person must look, but nothing runs by them. */
const NOT_DANGEROUS = words(`
  torch.nn.modules.linear:Linear torch._C._nn:gelu numpy.random._pickle:__generator_ctor
  numpy.random.bit_generator:__pyx_unpickle_SeedSequence torch.distributed.checkpoint.metadata:Metadata
  transformers.models.bert.modeling_bert:BertModel transformers.training_args:TrainingArguments
  ultralytics.nn.tasks:DetectionModel ultralytics.nn.modules.block:C2f diffusers.models.unets.unet_2d:UNet2DModel
  sklearn.ensemble._forest:RandomForestClassifier sklearn.tree._tree:Tree sklearn.pipeline:Pipeline
  lightning.pytorch.core.module:LightningModule some_pkg:Model some_pkg.models.unet:UNet some_pkg:Trainer.state
`);

const split = (name: string) => name.split(':') as [string, string];

describe('a name that starts a program, evaluates text, loads, imports or downloads', () => {
  it.each(DANGEROUS)('%s is dangerous', (name) => {
    expect(classifyGlobal(...split(name)).class).toBe('dangerous');
  });
});

describe('a name of something else', () => {
  it.each(NOT_DANGEROUS)('%s is not dangerous', (name) => {
    expect(classifyGlobal(...split(name)).class).not.toBe('dangerous');
  });
});

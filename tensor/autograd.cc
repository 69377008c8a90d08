#include "lenslet/tensor/autograd.h"

#include <cstddef>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/fatal.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/rearrange.h"

namespace lenslet {

struct Variable::Node {
  ~Node();

  Tensor value;
  Tensor gradient;
  std::vector<std::shared_ptr<Node>> inputs;
  GradientFunction gradients;  // Null for a variable without inputs.
};

// Destroys nodes that only this one holds in a loop: one inside the other, a
// long expression would exhaust the stack.
Variable::Node::~Node() {
  std::vector<std::shared_ptr<Node>> released = std::move(inputs);
  gradients = nullptr;
  while (!released.empty()) {
    const std::shared_ptr<Node> node = std::move(released.back());
    released.pop_back();
    if (node.use_count() > 1) continue;
    released.insert(released.end(), node->inputs.begin(), node->inputs.end());
    node->inputs.clear();
    node->gradients = nullptr;
  }
}

Variable::Variable(const Tensor& value) : Variable(value.Clone()) {}

Variable::Variable(Tensor&& value) : Variable(std::move(value), {}, nullptr) {}

Variable::Variable(Tensor value, const std::vector<Variable>& inputs,
                   GradientFunction gradients)
    : node_(std::make_shared<Node>()) {
  if (value.type() != ElementType::kFloat32) {
    Fatal(absl::StrCat("a variable of ", Name(value.type()), " ",
                       value.shape().ToString(), "; expected float32"));
  }
  node_->gradient = Tensor(value.shape());
  node_->value = std::move(value);
  for (const Variable& input : inputs) node_->inputs.push_back(input.node_);
  node_->gradients = std::move(gradients);
}

const Tensor& Variable::value() const { return node_->value; }
Tensor& Variable::mutable_value() { return node_->value; }
const Tensor& Variable::gradient() const { return node_->gradient; }

void Variable::Backward() const {
  if (node_->value.shape().elements() != 1) {
    Fatal(absl::StrCat("Backward() of a variable of shape ",
                       node_->value.shape().ToString(),
                       "; expected one element, such as a Sum()"));
  }
  // Each node after all of its inputs. Depth first, without recursion, as
  // expressions may be deep.
  std::vector<Node*> order;
  std::unordered_set<Node*> seen = {node_.get()};
  struct Visit {
    Node* node;
    size_t next_input;
  };
  std::vector<Visit> path = {{node_.get(), 0}};
  while (!path.empty()) {
    Visit& visit = path.back();
    if (visit.next_input == visit.node->inputs.size()) {
      order.push_back(visit.node);
      path.pop_back();
      continue;
    }
    Node* const input = visit.node->inputs[visit.next_input++].get();
    if (seen.insert(input).second) path.push_back({input, 0});
  }

  for (Node* node : order) node->gradient = Tensor(node->value.shape());
  node_->gradient = Ones(node_->value.shape());
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    const Node& node = **i;
    if (node.gradients == nullptr) continue;
    const std::vector<Tensor> gradients = node.gradients(node.gradient);
    if (gradients.size() != node.inputs.size()) {
      Fatal(absl::StrCat("the gradient function returned ", gradients.size(),
                         gradients.size() == 1 ? " tensor" : " tensors",
                         "; expected ", node.inputs.size()));
    }
    for (size_t k = 0; k < gradients.size(); ++k) {
      node.inputs[k]->gradient += gradients[k];
    }
  }
}

Variable operator+(const Variable& a, const Variable& b) {
  return Variable(a.value() + b.value(), {a, b}, [](const Tensor& dy) {
    return Gradients(dy.Clone(), dy.Clone());
  });
}
Variable operator-(const Variable& a, const Variable& b) {
  return Variable(a.value() - b.value(), {a, b},
                  [](const Tensor& dy) { return Gradients(dy.Clone(), -dy); });
}
Variable operator*(const Variable& a, const Variable& b) {
  return Variable(a.value() * b.value(), {a, b}, [a, b](const Tensor& dy) {
    return Gradients(dy * b.value(), dy * a.value());
  });
}
Variable operator/(const Variable& a, const Variable& b) {
  return Variable(a.value() / b.value(), {a, b}, [a, b](const Tensor& dy) {
    return Gradients(dy / b.value(), -dy * a.value() / Square(b.value()));
  });
}

Variable operator+(const Variable& a, float b) {
  return Variable(a.value() + b, {a},
                  [](const Tensor& dy) { return Gradients(dy.Clone()); });
}
Variable operator-(const Variable& a, float b) { return a + -b; }
Variable operator*(const Variable& a, float b) {
  return Variable(a.value() * b, {a},
                  [b](const Tensor& dy) { return Gradients(dy * b); });
}
Variable operator/(const Variable& a, float b) {
  return Variable(a.value() / b, {a},
                  [b](const Tensor& dy) { return Gradients(dy / b); });
}
Variable operator+(float a, const Variable& b) { return b + a; }
Variable operator-(float a, const Variable& b) { return -b + a; }
Variable operator*(float a, const Variable& b) { return b * a; }
Variable operator/(float a, const Variable& b) {
  return Variable(a / b.value(), {b}, [a, b](const Tensor& dy) {
    return Gradients(-a * dy / Square(b.value()));
  });
}

Variable operator-(const Variable& x) {
  return Variable(-x.value(), {x},
                  [](const Tensor& dy) { return Gradients(-dy); });
}

Variable Abs(const Variable& x) {
  return Variable(Abs(x.value()), {x}, [x](const Tensor& dy) {
    Tensor dx = dy.Clone();
    for (int64_t i = 0; i < dx.shape().elements(); ++i) {
      const float value = x.value().data()[i];
      dx.data()[i] *= static_cast<float>((value > 0) - (value < 0));
    }
    return Gradients(std::move(dx));
  });
}

Variable Square(const Variable& x) {
  return Variable(Square(x.value()), {x}, [x](const Tensor& dy) {
    return Gradients(2 * x.value() * dy);
  });
}

Variable Exp(const Variable& x) {
  return Variable(Exp(x.value()), {x}, [x](const Tensor& dy) {
    return Gradients(dy * Exp(x.value()));
  });
}

Variable Log(const Variable& x) {
  return Variable(Log(x.value()), {x},
                  [x](const Tensor& dy) { return Gradients(dy / x.value()); });
}

Variable Relu(const Variable& x) {
  Tensor positive(x.value().shape());  // 1 or 0.
  for (int64_t i = 0; i < positive.shape().elements(); ++i) {
    positive.data()[i] = x.value().data()[i] > 0 ? 1 : 0;
  }
  const Variable mask = std::move(positive);
  return Variable(x.value() * mask.value(), {x}, [mask](const Tensor& dy) {
    return Gradients(dy * mask.value());
  });
}

Variable MatMul(const Variable& a, const Variable& b) {
  return Variable(MatMul(a.value(), b.value()), {a, b},
                  [a, b](const Tensor& dy) {
                    return Gradients(MatMul(dy, Transposed(b.value())),
                                     MatMul(Transposed(a.value()), dy));
                  });
}

Variable Reshaped(const Variable& x, const Shape& shape) {
  return Variable(Reshaped(x.value(), shape), {x}, [x](const Tensor& dy) {
    return Gradients(Reshaped(dy, x.value().shape()));
  });
}

Variable Sum(const Variable& x) {
  return Variable(Filled({}, Sum(x.value())), {x}, [x](const Tensor& dy) {
    return Gradients(Filled(x.value().shape(), dy()));
  });
}

Variable Mean(const Variable& x) {
  const int64_t count = x.value().shape().elements();
  return Variable(
      Filled({}, Mean(x.value())), {x}, [x, count](const Tensor& dy) {
        return Gradients(
            Filled(x.value().shape(), dy() / static_cast<float>(count)));
      });
}

}  // namespace lenslet

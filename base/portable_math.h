// Functions whose results have the same bits on every machine, as they are made
// of additions, multiplications and divisions. Those of C libraries differ in
// the last bit between libraries and between CPU types.

#ifndef LENSLET_BASE_PORTABLE_MATH_H_
#define LENSLET_BASE_PORTABLE_MATH_H_

namespace lenslet {

// Sets `sine` and `cosine` to those of x, an angle in radians with |x| <= pi.
// Their errors are below 1e-14.
void SineAndCosine(double x, double& sine, double& cosine);

// Returns base^exponent, for a normal or zero base >= 0 and a finite exponent
// >= 0. Multiplies for the integer part of the exponent, so that small integer
// exponents have the expected bits: Power(x, 2) is x * x. The relative error is
// below (10 + exponent + |log(base)|) * 2^-52.
double Power(double base, double exponent);

}  // namespace lenslet

#endif  // LENSLET_BASE_PORTABLE_MATH_H_
